"""The inbox as one person sees it: a page of it, and how pressing each row is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from portal import waiting
from portal.waiting import Line, Row, Source, Wanted

Shown = tuple[Row, Line]


class Inbox:
    """What waits, as a paginator reads it."""

    def __init__(self, sources: Sequence[Source], wanted: Wanted, *, at: datetime) -> None:
        self.sources, self.wanted = sources, wanted
        self.tally = waiting.tally(sources, wanted, at=at)

    def count(self) -> int:
        counts = self.tally.counts
        return counts.get(self.wanted.kind, 0) if self.wanted.kind else sum(counts.values())

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, piece: slice) -> list[Shown]:
        return waiting.page_of(self.sources, self.wanted, start=piece.start, end=piece.stop)


def by_urgency(rows: Iterable[Shown], *, at: datetime) -> Iterator[tuple[str, list[Shown]]]:
    """Group rows that are sorted by due time into Overdue, Today and Later."""
    for name, group in groupby(rows, key=lambda shown: _urgency(shown[0], at)):
        yield name, list(group)


def _urgency(row: Row, at: datetime) -> str:
    if row.due_at <= at:
        return "Overdue"
    return "Today" if row.due_at.date() == at.date() else "Later"
