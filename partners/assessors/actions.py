from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from partners.assessors.events import AssessorEvent
from partners.assessors.models import LONGEST, Engagement
from partners.organizations.models import Membership, Organization
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.log import record


@transaction.atomic
def engage_assessor(
    organization: Organization, *, by: Actor, email: str, firm: str, days: int
) -> Engagement:
    """Let whoever proves that address read one partner's file, and no other, for so many days."""
    require(by, Permission.ENGAGE_ASSESSOR)
    if organization.pk in by.memberships:
        raise NotAllowed("You belong to the organization, so somebody else engages assessors.")
    if not 0 < days <= LONGEST.days:
        raise Refused(f"Choose 1 to {LONGEST.days} days.", code="engagement_too_long")
    email = email.lower()
    if Membership.objects.filter(organization=organization, user__email__iexact=email).exists():
        raise Conflict("They belong to this partner, so they cannot assess it.", code="not_outside")
    now = timezone.now()
    Organization.objects.select_for_update().get(pk=organization.pk)
    if Engagement.objects.live(at=now).filter(organization=organization, email=email).exists():
        raise Conflict("They may read this file already.", code="engaged_already")
    engagement = Engagement.objects.create(
        organization=organization,
        email=email,
        firm=firm,
        engaged_by=User.objects.get(pk=by.person_id or 0),
        starts_at=now,
        ends_at=now + timedelta(days=days),
    )
    _record(AssessorEvent.ENGAGED, engagement, by=by)
    return engagement


@transaction.atomic
def end_engagement(engagement: Engagement, *, by: Actor) -> None:
    """Close the file to its assessor from the next request on."""
    require(by, Permission.ENGAGE_ASSESSOR)
    ended = Engagement.objects.filter(pk=engagement.pk, ended_at=None)
    if not ended.update(ended_at=timezone.now()):
        raise Conflict("This was ended before.")
    _record(AssessorEvent.ENDED, engagement, by=by)


@transaction.atomic
def open_partners_file(engagement: Engagement, *, by: Actor) -> None:
    """Note that the assessor read it."""
    _record(AssessorEvent.READ, engagement, by=by)


def _record(kind: AssessorEvent, engagement: Engagement, *, by: Actor) -> None:
    record(kind, engagement, by=by, organization_id=engagement.organization_id)
