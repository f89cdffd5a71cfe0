from celery import shared_task
from django.utils import timezone

from consent.keys import actions


@shared_task
def rotate_due_keys() -> int:
    return actions.rotate_due(at=timezone.now())
