"""How long a partner waits at most: working days, counted from the moment of asking."""

from __future__ import annotations

from datetime import datetime, timedelta

WORKING_DAYS = {1: 1, 2: 2, 3: 3, 4: 4}
_SATURDAY = 5


def due_after(opened_at: datetime, *, tier: int) -> datetime:
    """Return the same time of day, that many working days later; weekends do not count."""
    due, left = opened_at, WORKING_DAYS[tier]
    while left:
        due += timedelta(days=1)
        left -= due.weekday() < _SATURDAY
    return due
