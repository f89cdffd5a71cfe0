"""Tell whoever keeps pages that something in the catalog changed, when the change commits."""

from django.db import migrations

TABLES = (
    "apis_api", "apis_apiversion", "apis_operation", "apis_field", "apis_part",
    "scopes_scope", "scopes_datacluster", "scopes_purpose", "scopes_detailtype",
    "plans_plan", "plans_limit",
)  # fmt: skip

TELL = """
CREATE FUNCTION pages_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('pages', '');
  RETURN NULL;
END $$;
"""
WATCH = """
CREATE TRIGGER pages_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION pages_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_parts"),
        ("apis", "0005_parts"),
        ("scopes", "0006_purpose_is_profiling"),
        ("plans", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            TELL + "".join(WATCH.format(table=table) for table in TABLES),
            "DROP FUNCTION pages_changed() CASCADE",
        )
    ]
