from __future__ import annotations

from celery import shared_task

from partners.findings import actions


@shared_task
def reopen_lapsed_findings() -> int:
    """Write down what the clock already decided; an approval does not wait for it."""
    return actions.reopen_lapsed()
