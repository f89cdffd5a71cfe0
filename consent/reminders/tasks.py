from __future__ import annotations

from celery import shared_task

from consent.reminders import actions


@shared_task
def announce_endings() -> int:
    """Announce what ends in 30, 7 or 1 days; sharing ends by the clock, announced or not."""
    return actions.announce_endings()


@shared_task
def sum_up() -> int:
    """Tell customers what they share, in the rhythm that they chose."""
    return actions.sum_up()
