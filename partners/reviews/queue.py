"""The inbox as one person sees it: a page of it, and how pressing each row is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import overload

from portal import waiting
from portal.waiting import Line, Row, Source, Wanted

Shown = tuple[Row, Line]


class Inbox(Sequence[Shown]):
    """What waits, as a paginator reads it: a piece at a time."""

    def __init__(self, sources: Sequence[Source], wanted: Wanted, *, at: datetime) -> None:
        self.sources, self.wanted = sources, wanted
        self.tally = waiting.tally(sources, wanted, at=at)

    def __len__(self) -> int:
        counts = self.tally.counts
        return counts.get(self.wanted.kind, 0) if self.wanted.kind else sum(counts.values())

    @overload
    def __getitem__(self, place: int) -> Shown: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Shown]: ...
    def __getitem__(self, place: int | slice) -> Shown | Sequence[Shown]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        return waiting.page_of(self.sources, self.wanted, start=place.start, end=place.stop)


def by_urgency(rows: Iterable[Shown], *, at: datetime) -> Iterator[tuple[str, list[Shown]]]:
    """Group rows that are sorted by due time into Overdue, Today and Later."""
    for name, group in groupby(rows, key=lambda shown: _urgency(shown[0], at)):
        yield name, list(group)


def _urgency(row: Row, at: datetime) -> str:
    if row.due_at <= at:
        return "Overdue"
    return "Today" if row.due_at.date() == at.date() else "Later"
