"""How much harm a partner could do, before anything that protects against it: a sum of points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

DATA = {
    "none": ("No customers’ data", 0),
    "pseudonymous": ("Data without names", 1),
    "personal": ("Data about a person", 3),
    "special": ("Health or payment data", 6),
}
ACCESS = {
    "none": ("No access", 0),
    "read": ("Reads", 1),
    "write": ("Changes things", 3),
    "delete": ("Deletes things or moves money", 5),
}
# Fewer customers a month than this, and the points for it.
VOLUME = ((1_000, 0), (100_000, 2))
MOST_VOLUME = 4
OFFLINE, OUTSIDE, MOST_SUPPLIERS = 2, 2, 3
TIERS = ((15, 4), (9, 3), (4, 2), (0, 1))


@dataclass(frozen=True, slots=True)
class Exposure:
    """What an organization's applications can reach, all of them together.

    `customer_count` is customers a month; `works_offline` says that tokens live on without the
    customer; `leaves_adequate` that data is stored where the law protects it less.
    """

    data: str = "none"
    access: str = "none"
    customer_count: int = 0
    works_offline: bool = False
    supplier_count: int = 0
    leaves_adequate: bool = False

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Exposure:
        return cls(**facts)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        count, helpers = self.customer_count, self.supplier_count
        volume = next((points for below, points in VOLUME if count < below), MOST_VOLUME)
        parts = (
            DATA[self.data],
            ACCESS[self.access],
            (f"{count} customers a month", volume),
            ("Works while the customer is away", OFFLINE * self.works_offline),
            (f"{helpers} companies that help", min(helpers, MOST_SUPPLIERS)),
            ("Stored where the law protects it less", OUTSIDE * self.leaves_adequate),
        )
        return tuple(part for part in parts if part[1])

    @property
    def points(self) -> int:
        return sum(points for _, points in self.parts)

    @property
    def tier(self) -> int:
        """Return 1 (Low) to 4 (Severe): 0 to 3 points, 4 to 8, 9 to 14, and 15 or more."""
        return next(tier for least, tier in TIERS if self.points >= least)
