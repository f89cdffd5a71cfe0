"""Tell whoever keeps pages of guides, of the changelog and of where versions run, too."""

from django.db import migrations

TABLES = ("guides_guide", "changes_entry", "changes_deprecation", "inventory_deployment")
WATCH = """
CREATE TRIGGER pages_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION pages_changed();
"""
FORGET = "DROP TRIGGER pages_changed ON {table};"


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_pages_hear_of_changes"),
        ("guides", "0001_guides"),
        ("changes", "0002_deprecations"),
        ("inventory", "0001_deployments"),
    ]

    operations = [
        migrations.RunSQL(
            "".join(WATCH.format(table=table) for table in TABLES),
            "".join(FORGET.format(table=table) for table in TABLES),
        )
    ]
