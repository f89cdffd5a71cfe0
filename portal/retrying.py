"""When a failed message is tried again: ten times in about three days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from secrets import randbelow

MINUTE, HOUR = 60, 3600
# Seconds before each attempt, the first included.
WAITS = (0, 5, 5 * MINUTE, 30 * MINUTE, *(hours * HOUR for hours in (2, 5, 10, 14, 20, 24)))
LONGEST = timedelta(hours=24)


def next_attempt_at(
    attempt_count: int, *, headers: Mapping[str, str], at: datetime
) -> datetime | None:
    """Return when attempt `attempt_count + 1` is due, or None after the last one.

    A receiver that names a later instant in `Retry-After` is obeyed, up to a day. Up to a tenth is
    added by chance, so that what failed together does not come back together.
    """
    if attempt_count >= len(WAITS):
        return None
    wait = timedelta(seconds=WAITS[attempt_count] * (1 + randbelow(101) / 1000))
    return at + max(wait, _asked_for(headers.get("retry-after", ""), at=at))


def _asked_for(retry_after: str, *, at: datetime) -> timedelta:
    """Read RFC 9110 §10.2.3: seconds, or an HTTP date."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= 9:
        return min(timedelta(seconds=int(retry_after)), LONGEST)
    try:
        wanted = parsedate_to_datetime(retry_after)
    except (ValueError, TypeError, OverflowError):
        return timedelta()
    if wanted.tzinfo is None:
        wanted = wanted.replace(tzinfo=UTC)
    return min(max(wanted - at, timedelta()), LONGEST)
