"""From which instant on somebody decides alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.minors.age import Birth

ZONES = ["UTC", "Europe/Vilnius", "America/St_Johns", "Pacific/Kiritimati", "Asia/Beirut"]


@pytest.mark.parametrize(
    ("day", "zone", "years", "instant"),
    [
        pytest.param("2010-06-15", "Europe/Vilnius", 16, "2026-06-14T21:00:00", id="summer"),
        pytest.param("2010-12-15", "Europe/Vilnius", 18, "2028-12-14T22:00:00", id="winter"),
        pytest.param("2010-06-15", "Pacific/Kiritimati", 16, "2026-06-14T10:00:00", id="east"),
        pytest.param("2010-06-15", "America/Los_Angeles", 16, "2026-06-15T07:00:00", id="west"),
        pytest.param("2008-02-29", "UTC", 16, "2024-02-29T00:00:00", id="leap-day-in-a-leap-year"),
        pytest.param("2008-02-29", "UTC", 18, "2026-03-01T00:00:00", id="leap-day-in-another"),
        # In Beirut the clock goes from midnight to one on the last Sunday of March.
        pytest.param("2010-03-29", "Asia/Beirut", 16, "2026-03-28T22:00:00", id="no-midnight"),
    ],
)
def test_s23_a_birthday_begins_at_the_midnight_of_where_they_live(day, zone, years, instant):
    birth = Birth(date.fromisoformat(day), zone)

    begins = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert birth.comes_of_age_at(years) == begins
    assert birth.is_minor(years, at=begins - timedelta(microseconds=1))
    assert not birth.is_minor(years, at=begins)


@given(st.dates(date(1900, 1, 1), date(2040, 12, 31)), st.sampled_from(ZONES), st.integers(13, 18))
def test_the_instant_lies_on_the_birthday_and_not_before_it(day, zone, years):
    birth = Birth(day, zone)

    begins = birth.comes_of_age_at(years).astimezone(ZoneInfo(zone))
    before = (birth.comes_of_age_at(years) - timedelta(seconds=1)).astimezone(ZoneInfo(zone))

    assert begins.date() > before.date()
    assert (begins.month, begins.day) in {(day.month, day.day), (3, 1)}
    assert Birth.read(str(birth)) == birth
