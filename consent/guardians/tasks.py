from celery import shared_task

from consent.guardians import asking, growing


@shared_task
def ask_who_came_of_age() -> int:
    """Ask young adults anew; what a guardian allowed ends by itself without this."""
    return growing.ask_who_came_of_age()


@shared_task
def let_questions_lapse() -> int:
    """Write down which questions of children nobody answered in time."""
    return asking.let_questions_lapse()
