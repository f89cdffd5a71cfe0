"""Whether a version may reveal what it reveals: asked whenever it matters, never kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.apis.models import ApiVersion
from catalog.impact.exposure import Exposed, Reason, exposures_of, screened
from catalog.impact.models import Assessment


@dataclass(frozen=True, slots=True)
class Standing:
    """What a version reveals about people, and how far an approved assessment covers it."""

    exposed: Sequence[Exposed]
    approved: Assessment | None
    reasons: Sequence[Reason]
    is_due: bool

    @property
    def is_covered(self) -> bool:
        return not self.exposed or (
            self.approved is not None and not self.reasons and not self.is_due
        )

    @property
    def code(self) -> str:
        """Return what is missing as a stable word, empty where nothing is."""
        if self.is_covered:
            return ""
        if self.approved is None:
            return "impact_missing"
        return "impact_outdated" if self.reasons else "impact_due"

    @property
    def words(self) -> str:
        return {
            "": "",
            "impact_missing": "It reveals personal data, and nobody has assessed what that means"
            " for people.",
            "impact_outdated": f"It reveals more than the privacy officer agreed to:"
            f" {self._first}.",
            "impact_due": "Its impact assessment is older than a year. Look at it again.",
        }[self.code]

    @property
    def _first(self) -> str:
        more = len(self.reasons) - 1
        first = self.reasons[0].place if self.reasons else ""
        return f"{first} and {more} more" if more > 0 else first


def standing_of(version: ApiVersion, *, at: datetime) -> Standing:
    """Compare what the version reveals now with what was approved last."""
    return standings_of([version], at=at)[version.pk]


def standings_of(versions: Sequence[ApiVersion], *, at: datetime) -> dict[int, Standing]:
    """Return the standing of each version by its key, in three statements for all of them."""
    exposures = exposures_of(versions)
    newest = (
        Assessment.objects.approved()
        .filter(version__in=versions)
        .order_by("version", "-decided_at", "-pk")
        .distinct("version")
    )
    approved = {one.version_id: one for one in newest}
    return {
        version.pk: _standing(exposures[version.pk], approved.get(version.pk), at=at)
        for version in versions
    }


def _standing(exposed: Sequence[Exposed], approved: Assessment | None, *, at: datetime) -> Standing:
    return Standing(
        exposed=exposed,
        approved=approved,
        reasons=screened(approved.exposed if approved else (), exposed),
        is_due=approved is not None and approved.is_due(at=at),
    )
