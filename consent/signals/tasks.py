from __future__ import annotations

from celery import shared_task

from consent.signals import actions


@shared_task
def forget_old_signals() -> int:
    """Delete news that was kept for 30 days."""
    return actions.forget_old_signals()
