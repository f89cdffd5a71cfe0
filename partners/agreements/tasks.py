from __future__ import annotations

from celery import shared_task

from partners.agreements import reminding


@shared_task
def remind_of_agreements() -> int:
    """Remind of words that bind soon and are not accepted."""
    return reminding.remind_of_agreements()
