"""S12 of governance.md: reminders that nobody misses because a clock stood still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.reminding import Mark, key_of, mark_due

# Two days after a change of the clocks in Vilnius.
DUE_AT = datetime(2026, 3, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days_before", "mark"),
    [
        pytest.param(31, None, id="too early for any"),
        pytest.param(30, Mark(30, is_late=False), id="on time"),
        pytest.param(
            28, Mark(30, is_late=True), id="beat was down from 31 to 28: late, and says so"
        ),
        pytest.param(7, Mark(7, is_late=False), id="the next one is on time"),
        pytest.param(0.8, Mark(1, is_late=False), id="the last one is on time"),
        pytest.param(-2, Mark(1, is_late=True), id="all were missed: one message"),
    ],
)
def test_s12_the_mark_that_fits_now(days_before, mark):
    assert mark_due(DUE_AT, at=DUE_AT - timedelta(days=days_before)) == mark


def test_s12_replayed_ticks_and_readers_in_other_zones_share_one_key():
    vilnius = DUE_AT.astimezone(ZoneInfo("Europe/Vilnius"))
    mark = Mark(7, is_late=False)

    assert key_of("a:1", vilnius, mark, 3) == key_of("a:1", DUE_AT, mark, 3)
    assert key_of("a:1", DUE_AT, Mark(7, is_late=True), 3) == key_of("a:1", DUE_AT, mark, 3)
    assert key_of("a:1", DUE_AT + timedelta(days=1), mark, 3) != key_of("a:1", DUE_AT, mark, 3)
    assert mark_due(vilnius, at=DUE_AT - timedelta(days=7)) == mark
