from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0003_scores_of_their_own")]
    operations = [migrations.RemoveField(model_name="submission", name="score")]
