from __future__ import annotations

from celery import shared_task

from catalog.changes import actions


@shared_task
def publish_due_entries() -> int:
    """Publish what waited long enough for better words."""
    return actions.publish_due_entries()
