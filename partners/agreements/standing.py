"""Where one organization stands with each agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from partners.agreements.models import Acceptance, Version, VersionQuerySet
from partners.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Standing:
    """`owed_from` is when production rests without an acceptance, None where nothing is owed."""

    newest: Version
    acceptance: Acceptance | None
    owed_from: datetime | None
    is_held_back: bool


def standings(organization: Organization, *, at: datetime) -> list[Standing]:
    """Return one standing for each agreement, in three statements however many there are."""
    owed: dict[int, datetime] = {}
    for version in Version.objects.owed_by(organization.pk).order_by("-binding_at"):
        owed[version.agreement_id] = version.binding_at  # The earliest comes last.
    accepted = {
        one.version.agreement_id: one
        for one in Acceptance.objects.filter(organization=organization)
        .select_related("version", "signer")
        .order_by("version__number")
    }
    return [
        Standing(
            newest=newest,
            acceptance=accepted.get(newest.agreement_id),
            owed_from=owed.get(newest.agreement_id),
            is_held_back=newest.agreement_id in owed and owed[newest.agreement_id] <= at,
        )
        for newest in Version.objects.newest()
    ]


def partners_owing(versions: VersionQuerySet) -> QuerySet[Organization]:
    """Return the approved partners that have not accepted one of the versions, nor a later one."""
    owed = versions.owed_by(OuterRef(OuterRef("pk")))
    approved = Organization.objects.filter(status=Organization.Status.APPROVED)
    return approved.filter(Exists(owed)).order_by("name", "pk")
