from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from catalog.imports.events import ImportEvent
from catalog.imports.models import Callback, ImportDocument, ImportJob, Source
from portal import secrets
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict
from portal.events.hints import hint
from portal.events.log import record
from portal.signing import new_secret

TASK = "catalog.imports.tasks.work_through_imports"
# So many workers are woken at once; each goes on for as long as something is due.
MOST_HINTS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document to read: its bytes, or the address of it or of a folder with it."""

    name: str
    body: bytes | None = None
    url: str = ""
    slug: str = ""
    kind: str = ImportDocument.Kind.FILE


@transaction.atomic
def request_import(
    documents: Iterable[Wanted],
    *,
    by: Actor,
    origin: str,
    name: str,
    source: Source | None = None,
    callback_url: str = "",
) -> tuple[ImportJob, str]:
    """Have documents read by a worker; return the job, and the secret that signs its callback."""
    require(by, Permission.IMPORT_SPEC)
    job = ImportJob.objects.create(
        origin=origin,
        name=name[:500],
        source=source,
        requested_by_id=by.person_id,
    )
    count = add_documents(job, documents)
    secret = _callback(job, callback_url) if callback_url else ""
    record(
        ImportEvent.REQUESTED, job, by=by, number=str(job.number), origin=origin,
        document_count=count,
    )  # fmt: skip
    return job, secret


def add_documents(job: ImportJob, documents: Iterable[Wanted], *, start: int = 0) -> int:
    """Write the obligation down and return how many there are; waking a worker is only a hint."""
    count = 0
    for one in documents:  # One at a time: together they may be larger than memory.
        ImportDocument.objects.create(
            job=job,
            position=start + count,
            kind=one.kind,
            name=one.name[:500],
            url=one.url,
            slug=one.slug,
            body=one.body,
        )
        count += 1
    _wake(count)
    return count


@transaction.atomic
def cancel_import(job: ImportJob, *, by: Actor) -> None:
    """Read nothing more of it; what was read already stays."""
    require(by, Permission.IMPORT_SPEC)
    now = timezone.now()
    job.move_to(ImportJob.Status.CANCELLED, ended_at=now)
    # In their order, as every worker that holds one of them does.
    for document in job.documents.open().order_by("pk").select_for_update():
        document.move_to(ImportDocument.Status.CANCELLED, leased_until=None, ended_at=now)
    record(ImportEvent.CANCELLED, job, by=by, number=str(job.number))


@transaction.atomic
def retry_import(job: ImportJob, *, by: Actor) -> None:
    """Read again what was not read; what was read stays as it is."""
    require(by, Permission.IMPORT_SPEC)
    again = (ImportDocument.Status.REFUSED, ImportDocument.Status.CANCELLED)
    rows = job.documents.filter(status__in=again).select_for_update(of=("self",))
    documents = list(rows.select_related("revision").order_by("pk"))
    if not documents:
        raise Conflict("There is nothing left of it to read.", code="nothing_left")
    job.move_to(ImportJob.Status.WAITING, ended_at=None)
    for document in documents:
        changes = {"body": document.revision.raw} if document.revision else {}
        document.move_to(
            ImportDocument.Status.WAITING,
            **changes,
            due_at=timezone.now(),
            step="",
            attempt_count=0,
            reason_code="",
            reason="",
            revision=None,
            ended_at=None,
        )
    record(ImportEvent.RETRIED, job, by=by, number=str(job.number))
    _wake(len(documents))


def _callback(job: ImportJob, url: str) -> str:
    secret = new_secret()
    sealed = secrets.seal(secret, context=secret_context(job))
    Callback.objects.create(job=job, url=url, sealed_secret=sealed)
    return secret


def secret_context(job: ImportJob) -> str:
    return f"imports_callback:{job.pk}:sealed_secret"


def _wake(count: int) -> None:
    for _ in range(min(count, MOST_HINTS)):
        transaction.on_commit(lambda: hint(TASK))
