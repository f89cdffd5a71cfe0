"""Recompute every seal from the events as they are now, and say where the first one breaks.

Whoever owns the database can rewrite the events and all seals together. Only a root that was kept
elsewhere shows that: `seal_events` writes it to the process log, `verify(head=...)` asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.audit import chain
from portal.audit.leaves import leaf
from portal.audit.models import Seal
from portal.events.models import Event


class Kind(StrEnum):
    EDITED = "edited"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Break:
    """`record` is `event <id>` or `seal <id>`."""

    kind: Kind
    record: str
    detail: str

    def __str__(self) -> str:
        return f"{self.record} is broken ({self.kind}): {self.detail}"


@dataclass(frozen=True, slots=True)
class Report:
    first_break: Break | None
    seal_count: int
    event_count: int
    head: str
    unsealed_count: int
    unsealed_since: datetime | None


def verify(*, head: str = "") -> Report:
    """Walk all seals in order; `head` is a root that must be among them."""
    previous: Seal | None = None
    found: Break | None = None
    seal_count = event_count = 0
    is_head_known = not head
    for seal in Seal.objects.order_by("last_id").iterator(chunk_size=20):
        found = found or _check(seal, previous)
        is_head_known = is_head_known or seal.root == head
        seal_count += 1
        event_count += seal.count
        previous = seal
    if found is None and not is_head_known:
        found = Break(Kind.CUT, f"seal {head[:12]}…", "no seal has the root that was kept")
    unsealed = Event.objects.filter(pk__gt=previous.last_id if previous else 0).order_by("pk")
    oldest = unsealed.first()
    return Report(
        first_break=found,
        seal_count=seal_count,
        event_count=event_count,
        head=previous.root if previous else chain.BEGINNING,
        unsealed_count=unsealed.count(),
        unsealed_since=oldest.recorded_at if oldest else None,
    )


def _check(seal: Seal, previous: Seal | None) -> Break | None:
    name = f"seal {seal.pk}"
    if seal.previous_root != (previous.root if previous else chain.BEGINNING):
        return Break(Kind.CUT, name, "the seal that stood before it is not there")
    entries = seal.entries
    if not entries or chain.link(seal.previous_root, entries) != seal.root:
        return Break(Kind.EDITED, name, "its root does not follow from its leaves")
    if (seal.first_id, seal.last_id, seal.count) != (entries[0][0], entries[-1][0], len(entries)):
        return Break(Kind.EDITED, name, "its ids and its count are not those of its leaves")
    events = Event.objects.filter(pk__lte=seal.last_id).order_by("pk")
    if previous is not None:
        events = events.filter(pk__gt=previous.last_id)
    return _compare(dict(entries), events)


def _compare(sealed: dict[int, bytes], events: Iterable[Event]) -> Break | None:
    present = {event.pk: leaf(event) for event in events}
    for event_id in sorted(sealed.keys() | present.keys()):
        name = f"event {event_id}"
        if event_id not in sealed:
            return Break(Kind.INSERTED, name, "it was not there when its neighbours were sealed")
        if event_id not in present:
            if not Event.objects.filter(pk__gt=event_id).exists():
                return Break(Kind.CUT, name, "it and everything after it are gone")
            return Break(Kind.MISSING, name, "it was sealed and is gone")
        if present[event_id] != sealed[event_id]:
            return Break(Kind.EDITED, name, "it does not read as it did when it was sealed")
    return None
