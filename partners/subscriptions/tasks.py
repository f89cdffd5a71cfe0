from __future__ import annotations

from celery import shared_task

from partners.subscriptions import actions


@shared_task
def expire_overdue_subscriptions() -> int:
    """Write down what the clock already decided; access does not wait for it."""
    return actions.expire_overdue_subscriptions()
