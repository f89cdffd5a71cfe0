from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.scorecards.score import Signals, parts_of, score_of

BEST = Signals(
    grade_points=100,
    errors=0,
    warnings=0,
    hints=0,
    has_owner=True,
    has_contact=True,
    described=1.0,
    classified=1.0,
    is_covered=True,
)
counts = st.integers(0, 200)
shares = st.floats(0, 1)
any_signals = st.builds(
    Signals,
    grade_points=st.integers(0, 100),
    errors=counts,
    warnings=counts,
    hints=counts,
    has_owner=st.booleans(),
    has_contact=st.booleans(),
    described=shares,
    classified=shares,
    is_covered=st.booleans(),
)


def test_where_nothing_is_missing_the_score_is_a_hundred():
    assert score_of(BEST) == 100 == sum(part.most for part in parts_of(BEST))


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"grade_points": 50}, 15),
        ({"errors": 1}, 6),
        ({"warnings": 2}, 4),
        ({"hints": 2}, 1),
        ({"errors": 9}, 30),
        ({"has_owner": False}, 6),
        ({"has_contact": False}, 4),
        ({"described": 0.0}, 15),
        ({"classified": 0.0}, 8),
        ({"is_covered": False}, 7),
    ],
    ids=["grade", "error", "warning", "hint", "errors", "owner", "contact", "docs", "class", "pia"],
)
def test_each_thing_that_is_missing_costs_what_the_page_says(change, lost):
    assert score_of(replace(BEST, **change)) == 100 - lost


@given(any_signals)
def test_a_score_is_never_under_nothing_or_over_a_hundred(signals):
    assert 0 <= score_of(signals) <= 100
    assert all(0 <= part.points <= part.most for part in parts_of(signals))


@given(any_signals)
def test_one_more_breach_never_makes_the_score_better(signals):
    for name in ("errors", "warnings", "hints"):
        worse = replace(signals, **{name: getattr(signals, name) + 1})
        assert score_of(worse) <= score_of(signals)
