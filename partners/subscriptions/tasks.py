from __future__ import annotations

from celery import shared_task

from partners.subscriptions import actions, reminding


@shared_task
def expire_overdue_subscriptions() -> int:
    """Write down what the clock already decided; access does not wait for it."""
    return actions.expire_overdue_subscriptions()


@shared_task
def lapse_overdue_requests() -> int:
    """Close what nobody decided in time; it cannot be approved since."""
    return actions.lapse_overdue_requests()


@shared_task
def remind_of_access() -> int:
    """Remind of accesses that end, and of what is owed for them."""
    return reminding.remind_of_access()
