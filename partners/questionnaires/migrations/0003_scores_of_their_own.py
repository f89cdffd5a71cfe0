from django.db import migrations


def copy(apps, _schema_editor):
    """Give each score the row of its engine; the first engine is the only one there was."""
    Submission = apps.get_model("questionnaires", "Submission")
    Score = apps.get_model("questionnaires", "Score")
    for submission in Submission.objects.filter(scores=None).iterator(chunk_size=500):
        Score.objects.create(
            submission=submission,
            engine=submission.score.get("engine", 1),
            result=submission.score,
            scored_at=submission.submitted_at,
        )


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0002_histories_scores_and_renewals")]
    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
