"""The controls that the rows of organizations and agreements themselves can tell."""

from __future__ import annotations

from datetime import datetime

from partners.agreements.enforcing import Finding, holds
from partners.agreements.models import Version
from partners.organizations.models import Organization
from partners.organizations.people import people_of
from portal.access.actors import Role


@holds("reachable", "Somebody answers for security")
def is_reachable(organization: Organization, at: datetime) -> Finding:  # noqa: ARG001 - as every control
    count = people_of(organization.pk, Role.SECURITY_CONTACT, Role.OWNER).distinct().count()
    return Finding(
        count > 0, f"{count} people can be reached" if count else "Nobody can be reached"
    )


@holds("cleared", "Production rests when the security answers are out of date")
def is_cleared(organization: Organization, at: datetime) -> Finding:
    until = organization.cleared_until
    if not organization.is_cleared(at=at):
        return Finding(is_kept=False, words="The answers are out of date, so production rests")
    return Finding(True, f"Good until {until:%-d %B %Y}" if until else "Good")


@holds("accepted", "Production rests until a change is accepted")
def is_accepted(organization: Organization, at: datetime) -> Finding:
    owed = Version.objects.owed_by(organization.pk).binding(at=at).exists()
    words = "Something is not accepted, so production rests" if owed else "All of it is accepted"
    return Finding(not owed, words)
