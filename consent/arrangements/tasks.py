from celery import shared_task

from consent.arrangements import ending


@shared_task
def expire_overdue_arrangements() -> int:
    """Write down which arrangements have ended; access ended with the instant itself."""
    return ending.expire_overdue_arrangements()
