from __future__ import annotations

from datetime import date

from portal.insights.metrics import Counted, report_of

TODAY = date(2026, 3, 12)


def test_every_day_of_the_period_is_there_and_nothing_outside_it():
    counted = [
        Counted(TODAY, "A", "x/v1/list", "allowed", 3),
        Counted(TODAY, "A", "x/v1/list", "consent_withdrawn", 1),
        Counted(date(2026, 3, 10), "B", "x/v1/get", "allowed", 5),
        Counted(date(2026, 3, 9), "B", "x/v1/get", "allowed", 7),
    ]

    report = report_of(counted, last_day=TODAY, day_count=3)

    assert [(calls, refused) for _, calls, refused in report.days] == [(5, 0), (0, 0), (4, 1)]
    assert (report.call_count, report.refused_count) == (9, 1)
    assert report.refusals == (("consent_withdrawn", 1),)
    assert [(row.application, row.call_count, row.refused_share) for row in report.rows] == [
        ("B", 5, 0),
        ("A", 4, 25),
    ]


def test_no_calls_are_no_error():
    report = report_of([], last_day=TODAY, day_count=1)

    assert report.refused_share == 0
    assert report.days == ((TODAY, 0, 0),)
