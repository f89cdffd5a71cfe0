from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from django.db import transaction
from django.db.models import QuerySet

from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.audit.events import AuditEvent
from portal.audit.forms import Wanted
from portal.events.log import record
from portal.events.models import Event
from portal.events.people import reference_of

PAGE_SIZE = 50
EXPORT_SIZE = 20_000


@transaction.atomic
def read_log(wanted: Wanted, *, by: Actor, before: int | None) -> tuple[list[Event], int | None]:
    """Return a page of the log, newest first, and the id to go on from; reading leaves a trace."""
    require(by, Permission.READ_AUDIT)
    found = _found(wanted)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE_SIZE + 1])
    _leave_trace(AuditEvent.READ, wanted, by=by)
    page = rows[:PAGE_SIZE]
    return page, page[-1].pk if len(rows) > PAGE_SIZE else None


@transaction.atomic
def export_log(wanted: Wanted, *, by: Actor) -> Iterator[Event]:
    require(by, Permission.READ_AUDIT)
    _leave_trace(AuditEvent.EXPORTED, wanted, by=by)
    return _found(wanted)[:EXPORT_SIZE].iterator(chunk_size=1000)


def _found(wanted: Wanted) -> QuerySet[Event]:
    found = Event.objects.order_by("-pk")
    if kind := wanted.get("kind"):
        found = found.filter(kind__startswith=kind)
    if actor := wanted.get("actor"):
        found = found.filter(actor=_actor_id(actor))
    if subject := wanted.get("subject"):
        found = found.filter(subject=subject)
    if request_id := wanted.get("request_id"):
        found = found.filter(request_id=request_id)
    if since := wanted.get("since"):
        found = found.filter(recorded_at__gte=datetime.combine(since, time.min, UTC))
    if until := wanted.get("until"):
        found = found.filter(recorded_at__lte=datetime.combine(until, time.max, UTC))
    return found


def _actor_id(text: str) -> str:
    """Return the log's name of an actor; a person may be given by e-mail address."""
    if "@" not in text:
        return text
    user = User.objects.filter(email__iexact=text).first()
    return f"user:{reference_of(user.pk)}" if user else text


def _leave_trace(kind: AuditEvent, wanted: Wanted, *, by: Actor) -> None:
    """Record that somebody looked, and which filters they used, not with which words."""
    reader = User.objects.get(pk=by.person_id or 0)
    record(kind, reader, by=by, filters=sorted(wanted))
