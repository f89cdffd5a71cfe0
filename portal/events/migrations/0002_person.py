from django.db import migrations, models

# A person's number in the log: 52 random bits, drawn once. `gen_random_uuid` is the server's own
# source of secure randomness; the first eight and the last twelve of its digits are all random.
FUNCTION = """
CREATE FUNCTION person_reference(account bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  known bigint;
  digits text;
BEGIN
  SELECT reference INTO known FROM events_person WHERE account_id = account;
  IF known IS NULL THEN
    digits := replace(gen_random_uuid()::text, '-', '');
    INSERT INTO events_person (reference, account_id)
      VALUES (('x' || left(digits, 8) || right(digits, 5))::bit(52)::bigint, account)
      ON CONFLICT (account_id) DO NOTHING;
    SELECT reference INTO known FROM events_person WHERE account_id = account;
  END IF;
  RETURN known;
END $$;
"""
# What was written before stands in the log under the account's own number, and stays so.
EARLIER = """
INSERT INTO events_person (reference, account_id)
SELECT DISTINCT number, number FROM (
  SELECT person_id AS number FROM events_event WHERE person_id IS NOT NULL
  UNION SELECT substr(actor, 6)::bigint FROM events_event WHERE actor ~ '^user:[0-9]+$'
  UNION SELECT substr(subject, 15)::bigint FROM events_event WHERE subject ~ '^accounts[.]user:[0-9]+$'
) AS earlier;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("reference", models.BigIntegerField(primary_key=True, serialize=False)),
                ("account_id", models.BigIntegerField(unique=True)),
                ("sealed_key", models.TextField(blank=True, db_default="")),
            ],
            options={"verbose_name_plural": "people"},
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION person_reference(bigint)"),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
    ]
