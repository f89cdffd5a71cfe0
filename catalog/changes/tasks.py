from __future__ import annotations

from celery import shared_task

from catalog.changes import actions, ending


@shared_task
def publish_due_entries() -> int:
    """Publish what waited long enough for better words."""
    return actions.publish_due_entries()


@shared_task
def write_down_ends() -> int:
    """Write down which versions are deprecated or have ended; the gateway goes by the clock."""
    return ending.write_down_ends()


@shared_task
def remind_of_ends() -> int:
    """Remind of ends 90, 60, 30 and 7 days before."""
    return ending.remind_of_ends()
