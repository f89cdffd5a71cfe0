"""How long there is to answer. Pure.

GDPR Art. 12(3): one month from receipt, two more where a request is complex, told within the first.
A month ends on the day of the same number, and where the month has no such day on its last
(Regulation 1182/71 Art. 3). That regulation counts to the end of that day, and to the next working
day; we count to the same time of day in UTC, which is never later.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from portal.calendar import months_after

MONTHS = 1
MONTHS_EXTENDED = 3
# What the terms with every application give it to do what a person has asked for.
CONTRACT_PERIOD = timedelta(days=14)
# When somebody looks why an application does not even say that it knows.
ACKNOWLEDGED_WITHIN = timedelta(hours=72)
# A copy of a person's data lies ready for so long, and is fetched once.
COPY_KEPT = timedelta(hours=24)
# Told before it happens (Art. 18(3)): how long before a restriction that we lift ends.
TOLD_BEFORE = timedelta(days=3)
# What was read is known by the hour for so long, by the month afterwards.
DETAIL_MONTHS = 13
ADDRESS_KEPT = timedelta(days=90)


def due_at(received_at: datetime) -> datetime:
    return months_after(received_at, MONTHS)


def extended_due_at(received_at: datetime) -> datetime:
    """Return one month and two more, counted from the receipt and not from an earlier end."""
    return months_after(received_at, MONTHS_EXTENDED)


def detail_begins(now: datetime) -> datetime:
    """Return the first instant of the month before which what was read is known by the month."""
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return months_after(first, -DETAIL_MONTHS)
