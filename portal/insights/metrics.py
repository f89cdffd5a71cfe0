"""What an application's calls add up to. Pure: counted rows in, figures out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Counted:
    """So many calls of one kind on a day (UTC); `reason` is a decision's code."""

    day: date
    application: str
    operation_key: str
    reason: str
    call_count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One operation of one application: calls, and how many of them were refused."""

    application: str
    operation_key: str
    call_count: int
    refused_count: int

    @property
    def refused_share(self) -> float:
        return 100 * self.refused_count / self.call_count if self.call_count else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """`days` has every day of the period, also those without a call; `refusals` most first."""

    days: tuple[tuple[date, int, int], ...]
    rows: tuple[Row, ...]
    refusals: tuple[tuple[str, int], ...]

    @property
    def call_count(self) -> int:
        return sum(calls for _, calls, _ in self.days)

    @property
    def refused_count(self) -> int:
        return sum(refused for _, _, refused in self.days)

    @property
    def refused_share(self) -> float:
        return 100 * self.refused_count / self.call_count if self.call_count else 0.0


def report_of(counted: Iterable[Counted], *, last_day: date, day_count: int) -> Report:
    """Add up the last `day_count` days; what lies outside them is left out."""
    days = [last_day - timedelta(days=back) for back in reversed(range(day_count))]
    calls: Counter[date] = Counter()
    refused: Counter[date] = Counter()
    reasons: Counter[str] = Counter()
    operations: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in counted:
        if not days[0] <= one.day <= last_day:
            continue
        calls[one.day] += one.call_count
        sums = operations[one.application, one.operation_key]
        sums[0] += one.call_count
        if one.reason != ALLOWED:
            refused[one.day] += one.call_count
            reasons[one.reason] += one.call_count
            sums[1] += one.call_count
    rows = [Row(*names, *sums) for names, sums in operations.items()]
    return Report(
        days=tuple((day, calls[day], refused[day]) for day in days),
        rows=tuple(sorted(rows, key=lambda row: (-row.call_count, row.operation_key))),
        refusals=tuple(reasons.most_common()),
    )
