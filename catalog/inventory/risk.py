"""How much harm a version could do, from what it reveals and who can reach it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from catalog.scopes.models import Depth

# For each depth of the deepest data, for whoever may reach it, and for what a call can do.
DEPTH_POINTS = {Depth.PUBLIC: 0, Depth.INTERNAL: 1, Depth.PERSONAL: 3, Depth.SENSITIVE: 5}
REACHABLE_POINTS = 2
WRITING_POINTS = 1
UNPROTECTED_POINTS = 4
UNCLASSIFIED_POINTS = 2
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Tier(IntEnum):
    """Tier 1 is the gravest, as elsewhere in the portal's reviews."""

    CRITICAL = 1
    HIGH = 2
    MODERATE = 3
    LOW = 4

    @property
    def label(self) -> str:
        return self.name.capitalize()


# From how many points on.
TIERS = ((7, Tier.CRITICAL), (5, Tier.HIGH), (3, Tier.MODERATE), (0, Tier.LOW))


@dataclass(frozen=True, slots=True)
class Trait:
    """What counts of an operation; `depth` is None where nobody has classified its data."""

    method: str
    depth: int | None
    is_protected: bool


@dataclass(frozen=True, slots=True)
class Risk:
    tier: Tier
    points: int
    # Each part of the sum: why, and how many points.
    parts: tuple[tuple[str, int], ...]


def risk_of(traits: Iterable[Trait], *, is_reachable: bool) -> Risk:
    """Add up what makes a version dangerous; `is_reachable` is whether partners can call it."""
    known = list(traits)
    depths = [trait.depth for trait in known if trait.depth is not None]
    deepest = Depth(max(depths, default=Depth.PUBLIC))
    personal = [
        trait for trait in known if trait.depth is not None and trait.depth >= Depth.PERSONAL
    ]
    writes = any(trait.method in _WRITING for trait in known)
    parts = [
        (f"{deepest.label} data", DEPTH_POINTS[deepest]),
        ("Partners can call it", REACHABLE_POINTS if is_reachable else 0),
        ("Calls change something", WRITING_POINTS if writes else 0),
        (
            "Personal data without a scope",
            UNPROTECTED_POINTS if any(not trait.is_protected for trait in personal) else 0,
        ),
        (
            "Data that nobody classified",
            UNCLASSIFIED_POINTS if any(trait.depth is None for trait in known) else 0,
        ),
    ]
    told = tuple((why, points) for why, points in parts if points)
    points = sum(count for _, count in told)
    tier = next(tier for least, tier in TIERS if points >= least)
    return Risk(tier, points, told)
