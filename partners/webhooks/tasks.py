from __future__ import annotations

from celery import shared_task

from partners.webhooks import sending


@shared_task
def deliver_webhooks() -> int:
    """Send what is due. Runs after each commit that has news, and every few seconds."""
    return sending.deliver_due_messages()
