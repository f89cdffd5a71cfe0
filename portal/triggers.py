"""Triggers that hold for everybody, the owner of the database included."""

from __future__ import annotations

import pgtrigger


def as_written(name: str) -> pgtrigger.Trigger:
    """Return the trigger that lets nobody change or delete a row."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def never_emptied(name: str, *, what: str) -> pgtrigger.Trigger:
    """Return the trigger that lets nobody truncate the table; `what` is its name in the refusal."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        func=f"RAISE EXCEPTION 'pgtrigger: Cannot truncate {what}';",
    )
