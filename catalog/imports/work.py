"""The way of a document into the catalog: claim it, fetch it, read it, store it, say so."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.imports import claims, gathering
from catalog.imports.actions import add_documents
from catalog.imports.confinement import NoLongerWanted, read_confined
from catalog.imports.ending import finish_job, finish_jobs
from catalog.imports.models import ImportDocument, ImportJob
from catalog.imports.people import actor_of_job
from catalog.specs.actions import import_document
from catalog.specs.models import SpecRevision
from catalog.specs.reading import Description
from portal.errors import Refused
from portal.outbound import Fetched

WAIT_AFTER_BREAK = timedelta(seconds=30)
_logger = logging.getLogger(__name__)
Status, Step, Kind = ImportDocument.Status, ImportDocument.Step, ImportDocument.Kind


@dataclass(frozen=True, slots=True)
class Reading:
    """What a process of its own made of a document: a description, or why there is none."""

    made: Description | Refused

    def result(self, _raw: bytes) -> Description:
        if isinstance(self.made, Refused):
            raise self.made
        return self.made


def work_through(*, seconds: float = 120) -> int:
    """Read what is due for at most about that long; return how many documents that was."""
    ends_at = monotonic() + seconds
    count = 0
    while monotonic() < ends_at and work_on_next():
        count += 1
    finish_jobs()
    return count


def work_on_next(*, job: ImportJob | None = None) -> bool:
    """Read one document, of that job if one is named; say whether there was one."""
    document = claims.claim_next(job=job)
    if document is None:
        return False
    _work(document)
    finish_job(document.job)
    return True


def _work(document: ImportDocument) -> None:
    try:
        if document.attempt_count > claims.MAX_ATTEMPTS:
            raise Refused(  # noqa: TRY301 - it ends like every other refusal
                "Reading it broke off three times. We do not try again by ourselves.",
                code="gave_up",
            )
        if document.kind == Kind.FOLDER:
            _gather(document)
        else:
            _import(document)
    except (claims.Lost, NoLongerWanted):
        return  # Whoever has it now, or cancelled it, has said what becomes of it.
    except Refused as refusal:
        _end(document, Status.REFUSED, reason_code=refusal.code, reason=str(refusal)[:300])
    except Exception:
        # A bug of ours or an engine that is away: told to us, and tried again a little later.
        _logger.exception("import_broke", extra={"document": document.pk})
        _put_back(document)


def _gather(document: ImportDocument) -> None:
    claims.take_step(document, Step.FETCHING)
    source = document.job.source
    found = gathering.folder(document.url, source)
    with transaction.atomic():
        claims.lock(document)
        if found is None:
            _move(document, Status.UNCHANGED)
            return
        add_documents(document.job, found.documents, start=document.position + 1)
        _move(document, Status.READ)
        if source is not None:
            found.remember(source)


def _import(document: ImportDocument) -> None:
    raw, fetched = _bytes(document)
    if raw is None:
        _end(document, Status.UNCHANGED)
        return
    digest = hashlib.sha256(raw).hexdigest()
    slug = document.slug or None
    known = SpecRevision.objects.current_of(digest, slug=slug)
    reading = None if known is not None else _read(document, raw)
    if reading is not None:
        claims.take_step(document, Step.STORING)
    with transaction.atomic():
        claims.lock(document)
        if fetched is not None and document.job.source is not None:
            gathering.remember(document.job.source, fetched)
        if reading is None:
            _move(document, Status.UNCHANGED, revision=known, body=None)
            return
        revision = import_document(
            raw,
            by=actor_of_job(document.job),
            source=document.name,
            slug=slug,
            read=reading.result,
        )
        if revision.status == SpecRevision.Status.REJECTED:
            _move(
                document, Status.REFUSED, revision=revision, body=None,
                reason_code=revision.reason_code, reason=revision.reason,
            )  # fmt: skip
        else:
            _move(document, Status.READ, revision=revision, body=None)


def _bytes(document: ImportDocument) -> tuple[bytes | None, Fetched | None]:
    if document.body is not None:
        return bytes(document.body), None
    claims.take_step(document, Step.FETCHING)
    fetched = gathering.address(document.url, document.job.source)
    return (None if fetched.is_unchanged else fetched.body), fetched


def _read(document: ImportDocument, raw: bytes) -> Reading:
    claims.take_step(document, Step.CHECKING)
    try:
        return Reading(read_confined(raw, is_wanted=lambda: claims.is_held(document)))
    except Refused as refusal:
        return Reading(refusal)


def _end(document: ImportDocument, status: str, **changes: Any) -> None:
    try:
        with transaction.atomic():
            claims.lock(document)
            _move(document, status, **changes)
    except claims.Lost:
        return


def _move(document: ImportDocument, status: str, **changes: Any) -> None:
    document.move_to(status, step="", leased_until=None, ended_at=timezone.now(), **changes)


def _put_back(document: ImportDocument) -> None:
    due_at = timezone.now() + WAIT_AFTER_BREAK * document.attempt_count
    held = ImportDocument.objects.held(document)
    held.update(leased_until=due_at)  # It stays claimed until then, and is lost from then on.
