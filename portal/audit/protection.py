"""Whether the database still refuses to change the log: its triggers, and the role's rights."""

from __future__ import annotations

from django.db import connection, models

from portal.audit.models import Seal
from portal.events.models import Event

PROTECTED: tuple[type[models.Model], ...] = (Event, Seal)


def weaknesses() -> list[str]:
    """Return what no longer protects the log, in words; nothing when all is in place."""
    return [
        *(weakness for model in PROTECTED for weakness in _triggers(model)),
        *(weakness for model in PROTECTED for weakness in _rights(model)),
        *_role(),
    ]


def _triggers(model: type[models.Model]) -> list[str]:
    """Compare the table's triggers with those that the model declares."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [model._meta.db_table],
        )
        found = {name: (enabled, source) for name, enabled, source in cursor.fetchall()}
    missing = []
    for trigger in model._meta.triggers:  # type: ignore[attr-defined] # pgtrigger adds it
        enabled, source = found.get(trigger.get_pgid(model), ("", ""))
        words = trigger.get_func(model).strip()
        # `O` fires for everybody but a replica, `A` always.
        if enabled not in {"O", "A"} or words not in source:
            missing.append(f"The trigger {trigger.name} is not in force.")
    return missing


def _rights(model: type[models.Model]) -> list[str]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right_name FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER'])"
            " AS right_name WHERE has_table_privilege(%s, right_name)",
            [table],
        )
        rights = [row[0] for row in cursor.fetchall()]
    return [f"The portal's database role has the right {right} on {table}." for right in rights]


def _role() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return ["The portal's database role is a superuser."] if cursor.fetchone()[0] else []
