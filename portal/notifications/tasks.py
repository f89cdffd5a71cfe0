from __future__ import annotations

from celery import shared_task

from portal.notifications import actions


@shared_task
def send_messages() -> int:
    """Mail what waits. Runs after each commit that has news, and every few seconds."""
    return actions.send_due_messages()
