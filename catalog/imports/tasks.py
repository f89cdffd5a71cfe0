from __future__ import annotations

from celery import shared_task

from catalog.imports import calling, feeding, tidying, work


@shared_task
def work_through_imports() -> int:
    """Read what is due. Runs after each request, and every few seconds."""
    return work.work_through()


@shared_task
def read_due_sources() -> int:
    """Ask for what is to be read again, and forget what nobody needs any more."""
    return feeding.read_due_sources() + tidying.forget_old_bodies()


@shared_task
def send_callbacks() -> int:
    """Call who asked to be called. Runs after each end, and every few seconds."""
    return calling.send_due_callbacks()
