"""Sources: what is read again and again, and when."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.imports.actions import Wanted, request_import
from catalog.imports.events import SourceEvent
from catalog.imports.models import ImportDocument, ImportJob, Source
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict
from portal.events.log import record


@transaction.atomic
def add_source(
    *, by: Actor, kind: str, url: str, interval_hours: int, folder: str = "", branch: str = ""
) -> Source:
    """Read a place from now on, the first time at once."""
    require(by, Permission.IMPORT_SPEC)
    try:
        with transaction.atomic():
            source = Source.objects.create(
                kind=kind,
                url=url,
                folder=folder,
                branch=branch,
                interval_hours=interval_hours,
                added_by_id=by.person_id,
            )
    except IntegrityError as error:
        raise Conflict("This place is read already.", code="source_exists") from error
    record(SourceEvent.ADDED, source, by=by, place=kind, interval_hours=interval_hours)
    _read(source, by=by)
    return source


@transaction.atomic
def change_source(source: Source, *, by: Actor, interval_hours: int) -> None:
    require(by, Permission.IMPORT_SPEC)
    source.interval_hours = interval_hours
    source.save(update_fields=["interval_hours"])
    record(SourceEvent.CHANGED, source, by=by, interval_hours=interval_hours)


@transaction.atomic
def pause_source(source: Source, *, by: Actor) -> None:
    require(by, Permission.IMPORT_SPEC)
    source.move_to(Source.Status.PAUSED)
    record(SourceEvent.PAUSED, source, by=by, reason="asked")


@transaction.atomic
def resume_source(source: Source, *, by: Actor) -> None:
    """Read it again, from now on, as if nothing had failed."""
    require(by, Permission.IMPORT_SPEC)
    source.move_to(Source.Status.ACTIVE, failure_count=0, next_at=timezone.now())
    record(SourceEvent.RESUMED, source, by=by)


@transaction.atomic
def remove_source(source: Source, *, by: Actor) -> None:
    """Read it no more. What was read from it stays in the catalog."""
    require(by, Permission.IMPORT_SPEC)
    source.move_to(Source.Status.REMOVED)
    record(SourceEvent.REMOVED, source, by=by)


@transaction.atomic
def read_source_now(source: Source, *, by: Actor) -> ImportJob:
    """Read it without waiting for its turn; while a reading goes on, that one is returned."""
    require(by, Permission.IMPORT_SPEC)
    held = Source.objects.select_for_update().get(pk=source.pk)
    if held.status == Source.Status.REMOVED:
        raise Conflict("This place is read no more.", code="source_removed")
    return held.jobs.open().first() or _read(held, by=by)


def read_due_sources() -> int:
    """Ask for a reading of each source whose turn it is; return how many there were."""
    count = 0
    while _read_next():
        count += 1
    return count


@transaction.atomic
def _read_next() -> bool:
    now = timezone.now()
    source = Source.objects.due(at=now).select_for_update(skip_locked=True).first()
    if source is None:
        return False
    if source.jobs.open().exists():
        # The one before is not through: its end says when the next one is due.
        Source.objects.filter(pk=source.pk).update(next_at=source.due_after(now))
    else:
        _read(source, by=SYSTEM)
    return True


def _read(source: Source, *, by: Actor) -> ImportJob:
    is_git = source.kind == Source.Kind.GIT
    kind = ImportDocument.Kind.FOLDER if is_git else ImportDocument.Kind.ADDRESS
    wanted = Wanted(name=source.url, url=source.url, kind=kind)
    origin = ImportJob.Origin.GIT if is_git else ImportJob.Origin.ADDRESS
    job, _ = request_import([wanted], by=by, origin=origin, name=source.url, source=source)
    Source.objects.filter(pk=source.pk).update(next_at=source.due_after(timezone.now()))
    return job
