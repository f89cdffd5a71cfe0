"""The end of an import: written down once, told to its source and to who asked to be called."""

from __future__ import annotations

import json
from datetime import UTC

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from catalog.imports.events import ImportEvent, SourceEvent
from catalog.imports.models import Callback, ImportDocument, ImportJob, Source
from catalog.imports.people import actor_of_job
from portal.access.actors import SYSTEM
from portal.events.hints import hint
from portal.events.log import record

CALLBACK_TASK = "catalog.imports.tasks.send_callbacks"
_OPEN = ImportDocument.objects.open().filter(job=OuterRef("pk"))


def finish_jobs() -> None:
    """Write down the ends that a worker did not live to write."""
    for job in ImportJob.objects.filter(~Exists(_OPEN), status=ImportJob.Status.WORKING):
        finish_job(job)


@transaction.atomic
def finish_job(job: ImportJob) -> None:
    """End the job if none of its documents is left to read; a second time changes nothing."""
    held = ImportJob.objects.select_for_update(of=("self",)).select_related("source")
    job = held.get(pk=job.pk)
    if job.status != ImportJob.Status.WORKING or job.documents.open().exists():
        return
    counts = outcome_counts(job)
    refused = counts["refused"]
    is_failed = refused > 0 and refused == sum(counts.values())
    status = ImportJob.Status.FAILED if is_failed else ImportJob.Status.DONE
    job.move_to(status, ended_at=timezone.now())
    record(
        ImportEvent.ENDED, job, by=actor_of_job(job), number=str(job.number), outcome=job.status,
        **{f"{name}_count": count for name, count in counts.items()},
    )  # fmt: skip
    if job.source is not None:
        _tell_source(job.source, job)
    _call_back(job, counts)


def outcome_counts(job: ImportJob) -> dict[str, int]:
    """Return how many documents were read, unchanged and refused; a refused folder counts too."""
    rows = list(job.documents.values_list("kind", "status"))
    return {
        str(status): sum(
            one == status and (kind != "folder" or one == "refused") for kind, one in rows
        )
        for status in ("read", "unchanged", "refused")
    }


def _tell_source(source: Source, job: ImportJob) -> None:
    source = Source.objects.select_for_update().get(pk=source.pk)
    refused = job.documents.filter(status=ImportDocument.Status.REFUSED).order_by("pk").first()
    is_failed = job.status == ImportJob.Status.FAILED
    is_unchanged = not job.documents.filter(status="read").exclude(kind="folder").exists()
    now = timezone.now()
    source.failure_count = source.failure_count + 1 if is_failed else 0
    source.last_read_at = now
    if refused is not None:
        source.last_result = refused.reason_code
    else:
        source.last_result = "unchanged" if is_unchanged else "read"
    source.next_at = source.due_after(now)
    source.save(update_fields=["failure_count", "last_read_at", "last_result", "next_at"])
    if source.failure_count >= Source.GIVES_UP_AFTER and source.status == Source.Status.ACTIVE:
        source.move_to(Source.Status.PAUSED)
        record(SourceEvent.PAUSED, source, by=SYSTEM, reason="failing")


def _call_back(job: ImportJob, counts: dict[str, int]) -> None:
    callback = Callback.objects.filter(job=job, body="").first()
    if callback is None:
        return
    now = timezone.now()
    told = {
        "type": ImportEvent.ENDED,
        "timestamp": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": {"import": str(job.number), "status": job.status, **counts},
    }
    callback.body = json.dumps(told)
    callback.next_attempt_at = now
    callback.save(update_fields=["body", "next_attempt_at"])
    transaction.on_commit(lambda: hint(CALLBACK_TASK))
