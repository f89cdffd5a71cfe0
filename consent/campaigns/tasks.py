from __future__ import annotations

from celery import shared_task

from consent.campaigns import asking


@shared_task
def carry_on() -> int:
    """Ask whom running campaigns concern, and tell partners; deadlines pass without it."""
    return asking.carry_on()
