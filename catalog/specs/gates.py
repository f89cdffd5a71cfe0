"""What has to be true before everybody sees a version: one list for the page and for the action."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from catalog.apis.models import ApiVersion
from catalog.impact.standing import standing_of
from catalog.specs.models import SpecRevision
from catalog.specs.registry import drift_of

# What a scope lets an application do has to be said before anybody can ask for it.
SCOPE_RULES = ("scope-undeclared", "scope-undescribed")


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing; `code` is stable, `words` say what to do about it."""

    code: str
    words: str


def gaps_of(version: ApiVersion, *, at: datetime) -> list[Gap]:
    """Return all that keeps the version from being published, the gravest first."""
    revision = version.revisions.filter(status=SpecRevision.Status.CURRENT).first()
    if revision is None:
        return [Gap("no_description", f"{version} has no description yet.")]
    return list(_gaps(version, revision, at=at))


def _gaps(version: ApiVersion, revision: SpecRevision, *, at: datetime) -> Iterator[Gap]:
    if revision.findings.filter(rule="data-open").exists():
        yield Gap(
            "data_open",
            f"{version} reveals personal data without a scope. Protect it before you publish.",
        )
    if drift := drift_of(version):
        yield Gap(
            "registry_drift",
            f"{version} and what customers agree to do not say the same: {drift[0].place}."
            f" {drift[0].message}",
        )
    if finding := revision.findings.filter(rule__in=SCOPE_RULES).order_by("pk").first():
        yield Gap("scope_undescribed", f"Describe every scope. {finding.message}")
    if revision.grade > settings.PUBLISH_MIN_GRADE:
        yield Gap(
            "grade_too_low",
            f"Its grade is {revision.grade}. {settings.PUBLISH_MIN_GRADE} is the lowest that"
            " partners get to see: mend the errors that are listed here.",
        )
    if version.api.owner_id is None:
        yield Gap("owner_missing", f"Nobody answers for {version.api}. Give it an owner.")
    standing = standing_of(version, at=at)
    if standing.code:
        yield Gap(standing.code, standing.words)
