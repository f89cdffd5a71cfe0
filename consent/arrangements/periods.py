"""For how long a customer may be asked, and the few choices that a screen offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consent.arrangements.models import MAX_PERIOD, Duration
from partners.subscriptions.access import Use

ONE_TIME_PERIOD = timedelta(hours=1)
ONCE = "once"
AS_NOW = "as-now"
# What lies between once and the longest: the first that is at most half as long as that.
_MIDDLES = (90, 30, 7)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """One choice on the screen; `code` is what the form sends."""

    code: str
    label: str
    ends_at: datetime
    duration: Duration = Duration.FIXED

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "label": self.label,
            "ends_at": self.ends_at.astimezone(UTC).isoformat(),
            "duration": str(self.duration),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, str]) -> Self:
        return cls(
            kept["code"],
            kept["label"],
            datetime.fromisoformat(kept["ends_at"]),
            Duration(kept["duration"]),
        )


def longest(uses: Iterable[Use]) -> timedelta:
    """Return for how long all of these may be shared together, at most 365 days of 24 hours."""
    days = min((use.max_days for use in uses if use.cluster_code), default=MAX_PERIOD.days)
    return min(MAX_PERIOD, timedelta(days=days))


def periods_for(
    uses: Iterable[Use],
    *,
    at: datetime,
    agreed_until: datetime | None = None,
    is_added: bool = False,
) -> list[Period]:
    """Return up to three choices, the shortest first: once, something between, the longest.

    `agreed_until` is the end of what runs already and is asked about again: “once” would end all
    of it within the hour, so that its end is offered in its place. Where something `is_added` to
    it, nothing that was agreed to before becomes shorter by it, if all may last as long.
    """
    limit = longest(uses)
    middle = next((middle for middle in _MIDDLES if middle * 2 <= limit.days), None)
    fixed = [_fixed(length, at=at) for length in (middle, limit.days) if length]
    if agreed_until is None or agreed_until <= at:
        once = Period(ONCE, _("Once, within the hour"), at + ONE_TIME_PERIOD, Duration.ONE_TIME)
        return [once, *fixed]
    if agreed_until > at + limit:
        return fixed
    if is_added:
        later = [period for period in fixed if period.ends_at > agreed_until]
        return [Period(AS_NOW, _("As long as the rest"), agreed_until), *later]
    if any(abs(period.ends_at - agreed_until) < _A_DAY for period in fixed):
        return fixed
    as_now = Period(AS_NOW, _("As long as agreed before"), agreed_until)
    return sorted([as_now, *fixed], key=lambda period: period.ends_at)


def _fixed(days: int, *, at: datetime) -> Period:
    label = ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if days == MAX_PERIOD.days:
        label = _("1 year")
    return Period(str(days), label, at + timedelta(days=days))
