"""When an answer is due: at month ends, in leap years, over a change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.rights import clock


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        ("2026-03-12T10:38", "2026-04-12T10:38", "2026-06-12T10:38"),
        ("2026-01-31T23:59", "2026-02-28T23:59", "2026-04-30T23:59"),
        ("2028-01-31T00:00", "2028-02-29T00:00", "2028-04-30T00:00"),
        ("2028-02-29T12:00", "2028-03-29T12:00", "2028-05-29T12:00"),
        ("2027-11-30T08:00", "2027-12-30T08:00", "2028-02-29T08:00"),
        ("2026-11-30T08:00", "2026-12-30T08:00", "2027-02-28T08:00"),
        ("2026-12-31T08:00", "2027-01-31T08:00", "2027-03-31T08:00"),
        ("2026-08-31T08:00", "2026-09-30T08:00", "2026-11-30T08:00"),
    ],
)
def test_a_month_ends_on_the_same_day_or_on_the_last(received, due, extended):
    assert clock.due_at(at(received)) == at(due)
    assert clock.extended_due_at(at(received)) == at(extended)


def test_the_clock_is_counted_in_utc_whatever_the_zone():
    # Half past midnight on 1 March in Vilnius is still February in UTC.
    local = datetime(2026, 3, 1, 0, 30, tzinfo=ZoneInfo("Europe/Vilnius"))

    assert clock.due_at(local) == at("2026-03-28T22:30")


@given(st.integers(0, 70 * 366 * 24 * 60))
def test_a_month_is_never_longer_than_the_law_gives(minutes):
    received = at("2020-01-01") + timedelta(minutes=minutes)
    due, extended = clock.due_at(received), clock.extended_due_at(received)

    assert timedelta(days=28) <= due - received <= timedelta(days=31)
    assert (due.month - received.month) % 12 == 1
    assert due.day <= received.day
    assert due < extended <= received + timedelta(days=92)


def test_what_was_read_is_known_by_the_hour_for_thirteen_whole_months():
    assert clock.detail_begins(at("2026-11-21T17:00")) == at("2025-10-01T00:00")
    assert clock.detail_begins(at("2026-01-31T00:00")) == at("2024-12-01T00:00")
