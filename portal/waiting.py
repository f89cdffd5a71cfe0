"""Everything that waits for somebody of staff, in one list, by age and deadline.

A slice that has such things registers a source in its `waiting.py`: which rows wait, and what a
line of the list says of them. The list itself knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, DateTimeField, F, Q, Value
from django.db.models.expressions import Combinable

from portal.access.actors import Actor
from portal.access.permissions import Permission, allows


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show; what a source cannot be narrowed by leaves none of its rows over."""

    q: str = ""
    kind: str = ""
    tier: int | None = None
    opened_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What the list says of one row. `people` have decided already, `hint` says what is needed.

    `together` is what a decision about several of them needs to know of this one; without it the
    row is decided by itself.
    """

    title: str
    detail: str
    url: str
    partner: Any = None
    tier: int | None = None
    depth: int | None = None
    people: Sequence[Any] = ()
    hint: str = ""
    together: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    pk: int
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """`rows` are those that wait and fit, with their age and deadline in `opened` and `due`."""

    kind: str
    label: str
    rows: Callable[[Wanted], models.QuerySet[Any]]
    lines: Callable[[Collection[int]], Mapping[int, Line]]
    opened: str | Combinable = "opened_at"
    due: str | Combinable = "due_at"
    permission: Permission | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many wait, of each kind, and how many of all are late."""

    counts: Mapping[str, int] = field(default_factory=dict)
    late: int = 0


_sources: dict[str, Source] = {}


def offers(source: Source) -> Source:
    _sources[source.kind] = source
    return source


def sources_for(actor: Actor) -> list[Source]:
    """Return what the actor may see waiting, in the order of registration."""
    return [
        source
        for source in _sources.values()
        if source.permission is None or allows(actor, source.permission)
    ]


def tally(sources: Sequence[Source], wanted: Wanted, *, at: datetime) -> Tally:
    """Count all of them, whatever their kind, in one statement."""
    found = [
        _dated(source, wanted)
        .order_by()
        .annotate(row_kind=Value(source.kind))
        .values("row_kind")
        .annotate(row_count=Count("pk"), late_count=Count("pk", filter=Q(row_due__lte=at)))
        .values_list("row_kind", "row_count", "late_count")
        for source in sources
    ]
    rows = _union(found)
    return Tally({kind: count for kind, count, _ in rows}, sum(late for _, _, late in rows))


def page_of(
    sources: Sequence[Source], wanted: Wanted, *, start: int, end: int
) -> list[tuple[Row, Line]]:
    """Return a piece of the list, what is due first at its top.

    One statement finds the rows, and one of each kind among them says what they are.
    """
    shown = [one for one in sources if wanted.kind in {"", one.kind}]
    found = [
        _dated(source, wanted)
        .annotate(row_kind=Value(source.kind))
        .order_by("row_due", "pk")
        .values_list("row_kind", "pk", "row_opened", "row_due")[:end]
        for source in shown
    ]
    found = [one for one in found if not one.query.is_empty()]  # A union leaves these out itself.
    if not found:
        return []
    whole = found[0]
    if len(found) > 1:
        whole = whole.union(*found[1:], all=True).order_by("row_due", "row_kind", "pk")
    rows = [Row(*row) for row in whole[start:end]]
    lines = {
        source.kind: source.lines([row.pk for row in rows if row.kind == source.kind])
        for source in shown
        if any(row.kind == source.kind for row in rows)
    }
    # What was decided between the two statements is not there any more.
    return [(row, lines[row.kind][row.pk]) for row in rows if row.pk in lines[row.kind]]


def _dated(source: Source, wanted: Wanted) -> models.QuerySet[Any]:
    opened, due = (F(one) if isinstance(one, str) else one for one in (source.opened, source.due))
    rows: models.QuerySet[Any] = source.rows(wanted).annotate(
        row_opened=models.ExpressionWrapper(opened, DateTimeField()),
        row_due=models.ExpressionWrapper(due, DateTimeField()),
    )
    if wanted.opened_before is not None:
        rows = rows.filter(row_opened__lte=wanted.opened_before)
    return rows


def _union(found: Sequence[models.QuerySet[Any]]) -> list[Any]:
    if not found:
        return []
    return list(found[0].union(*found[1:], all=True)) if len(found) > 1 else list(found[0])
