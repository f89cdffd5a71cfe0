from django.db import migrations
from django.db.models import F


def claim(apps, schema_editor):
    """Take what runs as claimed: until now nobody noted when the first token was taken."""
    arrangements = apps.get_model("arrangements", "Arrangement").objects
    arrangements.filter(claimed_at=None).update(claimed_at=F("given_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("arrangements", "0002_details_and_claims"),
    ]

    operations = [
        migrations.RunPython(claim, migrations.RunPython.noop),
    ]
