"""Months as people count them. Pure."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime


def months_after(at: datetime, months: int) -> datetime:
    """Return the same day and time that many months later, or the last day of that month."""
    at = at.astimezone(UTC)
    years, month = divmod(at.month - 1 + months, 12)
    year = at.year + years
    last_day = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last_day))
