"""Which reminder of a deadline fits now: asked at any time, as often as anybody likes.

A run that was missed is made up for by the next one, which says that it comes late; of several
that were missed only the nearest is still worth a message. Who sends it keys the message by
deadline and mark, so that it comes once however many ask. Deadlines are instants: neither a change
of the clocks nor the reader's zone moves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MARKS = (30, 7, 1)
# From when on a reminder says that it should have come earlier.
LATE_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Mark:
    """`days` before the deadline, 0 for the deadline itself."""

    days: int
    is_late: bool


def mark_due(due_at: datetime, *, at: datetime, marks: Sequence[int] = MARKS) -> Mark | None:
    """Return the last mark that has been passed, None as long as it is too early for any."""
    due_at = due_at.astimezone(UTC)  # In a zone of its own a day may have 23 hours.
    passed = [days for days in marks if at >= due_at - timedelta(days=days)]
    if not passed:
        return None
    days = min(passed)
    return Mark(days, is_late=at - (due_at - timedelta(days=days)) >= LATE_AFTER)


def key_of(subject: str, due_at: datetime, mark: Mark, person: int) -> str:
    """Return what one person is told once by; a deadline that was moved is another one."""
    return f"{subject}:{due_at.astimezone(UTC):%Y%m%dT%H%M%S}:{mark.days}:{person}"
