from __future__ import annotations

from celery import shared_task

from partners.endings import carrying, reminding


@shared_task
def carry_on_endings() -> int:
    """Take up what has begun and what a lost worker has left."""
    return carrying.carry_on_endings()


@shared_task
def remind_of_data() -> int:
    """Remind of data that a former partner has to delete or return."""
    return reminding.remind_of_data()
