"""How much harm an access could do, as a sum whose parts a reviewer can read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.scopes.models import Depth
from partners.subscriptions.models import Tier

DEPTH_POINTS = {Depth.PUBLIC: 0, Depth.INTERNAL: 1, Depth.PERSONAL: 3, Depth.SENSITIVE: 5}
MAX_BREADTH = 3
MANY_SCOPES = 4


@dataclass(frozen=True, slots=True)
class Assessment:
    tier: Tier
    points: int
    parts: tuple[tuple[str, int], ...]


def tier_of(depths: Iterable[int], *, writes: bool, scope_count: int) -> Assessment:
    """Add up the depth of the data, its breadth, changing things, and the number of scopes.

    `depths` holds one depth for each scope. 0 to 1 point is Low, 2 to 4 Moderate, 5 to 9 High and
    10 or more Severe: sensitive data alone is High, and so needs two people.
    """
    known = [Depth(depth) for depth in depths]
    deepest = max(known, default=Depth.PUBLIC)
    about_people = sum(depth >= Depth.PERSONAL for depth in known)
    parts = [
        (f"The deepest data is {deepest.label.lower()}", DEPTH_POINTS[deepest]),
        (
            f"{about_people} kinds of data about a person",
            min(max(about_people - 1, 0), MAX_BREADTH),
        ),
        ("It changes things for customers", 2 if writes else 0),
        (f"{scope_count} scopes", 1 if scope_count > MANY_SCOPES else 0),
    ]
    points = sum(weight for _, weight in parts)
    return Assessment(
        tier=_tier(points), points=points, parts=tuple(part for part in parts if part[1])
    )


def _tier(points: int) -> Tier:
    if points >= 10:
        return Tier.SEVERE
    if points >= 5:
        return Tier.HIGH
    return Tier.MODERATE if points >= 2 else Tier.LOW
