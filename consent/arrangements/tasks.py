from celery import shared_task

from consent.arrangements import ending


@shared_task
def expire_overdue_arrangements() -> int:
    """Write down which arrangements have ended; access ended with the instant itself."""
    return ending.expire_overdue_arrangements()


@shared_task
def end_with_closed_partners() -> int:
    """Write down what ended when an application was closed; its calls were refused at once."""
    return ending.end_with_closed_partners()
