from django.db import migrations

# Who decides about partners belongs to none. Both ways in take the person's row first, so that of
# two at the same instant the second one sees the first.
FORWARD = """
CREATE FUNCTION staff_are_no_partners() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_both boolean;
BEGIN
    PERFORM FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF TG_TABLE_NAME = 'accounts_staffrole' THEN
        SELECT EXISTS (SELECT FROM organizations_membership WHERE user_id = NEW.user_id)
            INTO is_both;
    ELSE
        SELECT EXISTS (SELECT FROM accounts_staffrole WHERE user_id = NEW.user_id) INTO is_both;
    END IF;
    IF is_both THEN
        RAISE EXCEPTION 'Nobody is staff and a partner at once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_are_no_partners';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staff_are_no_partners BEFORE INSERT OR UPDATE OF user_id ON accounts_staffrole
    FOR EACH ROW EXECUTE FUNCTION staff_are_no_partners();
CREATE TRIGGER staff_are_no_partners BEFORE INSERT OR UPDATE OF user_id ON organizations_membership
    FOR EACH ROW EXECUTE FUNCTION staff_are_no_partners();
"""
BACKWARD = """
DROP TRIGGER staff_are_no_partners ON organizations_membership;
DROP TRIGGER staff_are_no_partners ON accounts_staffrole;
DROP FUNCTION staff_are_no_partners();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_user_has_a_number_in_the_log"),
        ("organizations", "0003_invitations_and_owners"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
