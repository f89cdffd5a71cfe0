from __future__ import annotations

from celery import shared_task

from portal.events import log


@shared_task
def deliver_events() -> int:
    """Deliver what is due. Runs after each commit that has news, and every few seconds."""
    return log.deliver_due()
