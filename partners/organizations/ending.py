"""How an organization's time here ends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from partners.organizations.events import OrganizationEvent
from partners.organizations.models import Organization
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.events.log import record


@transaction.atomic
def close_organization(organization: Organization, *, by: Actor, reason: str, at: datetime) -> None:
    """Close it for good: its clients and its members are refused from the next request on."""
    require(by, Permission.END_RELATIONSHIP)
    organization.move_to(Organization.Status.CLOSED, closed_at=at, suspended_at=None)
    record(
        OrganizationEvent.CLOSED,
        organization,
        by=by,
        organization_id=organization.pk,
        reason=reason,
    )
