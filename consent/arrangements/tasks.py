from celery import shared_task

from consent.arrangements import actions


@shared_task
def expire_overdue_arrangements() -> int:
    """Write down which arrangements have ended; access ended with the instant itself."""
    return actions.expire_overdue_arrangements()
