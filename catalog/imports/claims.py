"""Who does what: a document is worked on by one worker, and by another once that one is lost."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.imports.models import ImportDocument, ImportJob
from portal.errors import Conflict, Refused

# Longer than any step can take: a claim that ends without an outcome was a worker that died.
LEASE = timedelta(seconds=150)
MAX_ATTEMPTS = 3


class Lost(Refused):
    """The claim was overtaken: by another worker, or by who cancelled the import."""

    code = "claim_lost"


def claim_next(*, job: ImportJob | None = None) -> ImportDocument | None:
    """Take what is due out of the others' sight before anything is done with it."""
    document = _claim(job)
    if document is not None and document.job.status == ImportJob.Status.WAITING:
        # In a transaction of its own: who cancels holds the job and waits for its documents.
        try:
            document.job.move_to(ImportJob.Status.WORKING)
        except Conflict:
            document.job.refresh_from_db()
    return document


@transaction.atomic
def _claim(job: ImportJob | None) -> ImportDocument | None:
    now = timezone.now()
    due = ImportDocument.objects.due(at=now)
    if job is not None:
        due = due.filter(job=job)
    document = (
        due.select_for_update(skip_locked=True, of=("self",)).select_related("job__source").first()
    )
    if document is None:
        return None
    if document.status == ImportDocument.Status.READING:
        document.move_to(ImportDocument.Status.WAITING, leased_until=None)
    document.move_to(
        ImportDocument.Status.READING,
        leased_until=now + LEASE,
        fence=document.fence + 1,
        attempt_count=document.attempt_count + 1,
        step="",
    )
    return document


def take_step(document: ImportDocument, step: str) -> None:
    """Say how far it is, and keep the claim; raises `Lost` where it is ours no longer."""
    held = ImportDocument.objects.held(document)
    if not held.update(step=step, leased_until=timezone.now() + LEASE):
        raise Lost("Another worker has this document now.")
    document.step = step


def is_held(document: ImportDocument) -> bool:
    return ImportDocument.objects.held(document).exists()


def lock(document: ImportDocument) -> None:
    """Hold the row to the end of the transaction: whatever is written in it, one worker writes."""
    if ImportDocument.objects.held(document).select_for_update().values("pk").first() is None:
        raise Lost("Another worker has this document now.")
