"""The lives of an API's versions on one scale of years."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.safestring import SafeString

from catalog.apis.models import ApiVersion
from portal.ui import charts

_MOST_YEARS = 8


@dataclass(frozen=True, slots=True)
class Life:
    label: str
    note: str
    drawing: SafeString


@dataclass(frozen=True, slots=True)
class Ruler:
    lives: list[Life]
    years: list[int]


def ruler_of(versions: Iterable[ApiVersion], *, at: datetime) -> Ruler:
    """Return a row for each version that was published, newest first."""
    shown = [version for version in versions if version.published_at]
    first = min([at, *(version.published_at for version in shown if version.published_at)]).year
    last = max([at, *(version.sunset_at for version in shown if version.sunset_at)]).year + 1
    scale = _Scale(datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC))
    years = list(range(first, last + 1))
    lives = [
        Life(
            label=version.label,
            note=note_of(version),
            drawing=charts.ruler(
                f"{version.label}, {note_of(version)}",
                _spans(version, scale),
                scale.place(at),
                ticks=[scale.place(datetime(year, 1, 1, tzinfo=UTC)) for year in years[1:]],
            ),
        )
        for version in shown
    ]
    return Ruler(lives=lives, years=years if len(years) <= _MOST_YEARS else [first, last])


def note_of(version: ApiVersion) -> str:
    if version.status == ApiVersion.Status.DEPRECATED and version.sunset_at:
        return f"stops {version.sunset_at:%-d %b %Y}"
    return NOTES[ApiVersion.Status(version.status)]


NOTES = {
    ApiVersion.Status.DRAFT: "draft",
    ApiVersion.Status.BETA: "preview",
    ApiVersion.Status.STABLE: "current",
    ApiVersion.Status.DEPRECATED: "retiring",
    ApiVersion.Status.SUNSET: "stopped",
}


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime

    def place(self, instant: datetime) -> float:
        """Return where the instant stands, from 0 to 100."""
        share = (instant - self.start) / (self.end - self.start)
        return min(max(share * 100, 0.0), 100.0)


def _spans(version: ApiVersion, scale: _Scale) -> list[charts.Span]:
    begins = scale.place(version.published_at or scale.start)
    ends = scale.place(version.sunset_at or scale.end)
    is_open = version.status == ApiVersion.Status.BETA
    if version.deprecated_at is None:
        return [charts.Span(begins, ends, "info", is_open=is_open)]
    turns = scale.place(version.deprecated_at)
    return [charts.Span(begins, turns, "info"), charts.Span(turns, ends, "warning")]
