from __future__ import annotations

from celery import shared_task

from partners.evidence import actions, scanning


@shared_task
def scan_evidence() -> int:
    """Scan what waits. Runs after each upload, and every few seconds."""
    actions.drop_abandoned()
    return scanning.scan_due()
