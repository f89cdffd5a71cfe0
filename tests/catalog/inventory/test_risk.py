"""The risk tier as a table, and that nothing worse ever counts less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.inventory.risk import Tier, Trait, risk_of

BARE = Trait("GET", 3, is_protected=False)
UNKNOWN = Trait("GET", None, is_protected=True)
OPEN, PERSONAL, SENSITIVE = (Trait("GET", depth, is_protected=True) for depth in (1, 3, 4))
CASES = {
    "public data that nobody reaches": ([OPEN], False, 0, Tier.LOW),
    "public data": ([OPEN], True, 2, Tier.LOW),
    "personal data in a draft": ([PERSONAL], False, 3, Tier.MODERATE),
    "personal data": ([PERSONAL, OPEN], True, 5, Tier.HIGH),
    "sensitive data": ([SENSITIVE], True, 7, Tier.CRITICAL),
    "personal data without a scope": (
        [BARE],
        True,
        9,
        Tier.CRITICAL,
    ),
    "writing what is public": ([OPEN, Trait("POST", 1, is_protected=True)], True, 3, Tier.MODERATE),
    "data that nobody classified": (
        [UNKNOWN],
        True,
        4,
        Tier.MODERATE,
    ),
    "nothing at all": ([], True, 2, Tier.LOW),
}


@pytest.mark.parametrize("case", CASES)
def test_the_tier_of(case):
    traits, is_reachable, points, tier = CASES[case]

    risk = risk_of(traits, is_reachable=is_reachable)

    assert (risk.points, risk.tier) == (points, tier)
    assert sum(count for _, count in risk.parts) == points


traits = st.lists(
    st.builds(
        Trait,
        st.sampled_from(["GET", "POST", "DELETE"]),
        st.sampled_from([None, 1, 2, 3, 4]),
        is_protected=st.booleans(),
    ),
    max_size=5,
)


@given(traits, traits)
def test_one_more_operation_never_lowers_the_risk(some, more):
    alone = risk_of(some, is_reachable=False)

    assert risk_of([*some, *more], is_reachable=True).points >= alone.points
