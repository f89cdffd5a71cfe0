from __future__ import annotations

from celery import shared_task

from partners.renewals import actions, reminding


@shared_task
def open_due_renewals() -> int:
    """Open what is due; that production pauses at the end does not wait for it."""
    return actions.open_due_renewals()


@shared_task
def remind_of_renewals() -> int:
    return reminding.remind_of_renewals()
