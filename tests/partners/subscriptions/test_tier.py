from __future__ import annotations

import pytest

from catalog.scopes.models import Depth
from partners.subscriptions.models import Tier
from partners.subscriptions.tier import tier_of

PUBLIC, INTERNAL, PERSONAL, SENSITIVE = Depth


@pytest.mark.parametrize(
    ("depths", "writes", "scope_count", "tier", "points"),
    [
        ([], False, 0, Tier.LOW, 0),
        ([PUBLIC], False, 1, Tier.LOW, 0),
        ([INTERNAL], False, 1, Tier.LOW, 1),
        ([PUBLIC], True, 1, Tier.MODERATE, 2),
        ([PERSONAL], False, 1, Tier.MODERATE, 3),
        ([PERSONAL, PERSONAL], False, 2, Tier.MODERATE, 4),
        ([PERSONAL], True, 1, Tier.HIGH, 5),
        ([SENSITIVE], False, 1, Tier.HIGH, 5),
        ([SENSITIVE, PERSONAL, PERSONAL], True, 3, Tier.HIGH, 9),
        ([SENSITIVE] * 4, True, 4, Tier.SEVERE, 10),
        ([SENSITIVE] * 9, True, 9, Tier.SEVERE, 11),
    ],
)
def test_the_tier_is_the_sum_of_its_parts(depths, writes, scope_count, tier, points):
    assessment = tier_of(depths, writes=writes, scope_count=scope_count)

    assert (assessment.tier, assessment.points) == (tier, points)
    assert sum(weight for _, weight in assessment.parts) == points


def test_sensitive_data_alone_needs_two_people():
    assert tier_of([SENSITIVE], writes=False, scope_count=1).tier >= Tier.HIGH
