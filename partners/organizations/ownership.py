"""Handing an organization over: one owner offers, the other person agrees, the old one hears."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from partners.organizations.events import OrganizationEvent
from partners.organizations.members import lock_membership
from partners.organizations.models import Membership, OwnershipOffer
from portal.access.actors import Actor, Role
from portal.access.permissions import Permission, require
from portal.errors import Conflict, NotAllowed
from portal.events.log import record

STANDS_FOR = timedelta(days=7)


class NotOnOffer(Conflict):
    code = "ownership_not_offered"


@transaction.atomic
def offer_ownership(to: Membership, *, by: Actor, steps_down: bool) -> OwnershipOffer:
    """Offer a member to become an owner, in the own place or beside oneself, for a week."""
    require(by, Permission.TRANSFER_OWNERSHIP, organization_id=to.organization_id)
    to = lock_membership(to)
    if Role.OWNER in to.roles:
        raise Conflict(f"{to.user} is an owner already.", code="owner_already")
    now = timezone.now()
    offers = OwnershipOffer.objects.filter(organization=to.organization)
    if offers.open(at=now).exists():
        raise Conflict("Ownership is on offer already. Take that back first.")
    lapsed = offers.filter(status=OwnershipOffer.Status.OFFERED)
    lapsed.update(status=OwnershipOffer.Status.WITHDRAWN, ended_at=now)
    offer = OwnershipOffer.objects.create(
        organization=to.organization,
        offered_by_id=by.person_id or 0,
        offered_to=to.user,
        steps_down=steps_down,
        offered_at=now,
        expires_at=now + STANDS_FOR,
    )
    _record(OrganizationEvent.OWNERSHIP_OFFERED, offer, by=by)
    return offer


@transaction.atomic
def take_ownership(offer: OwnershipOffer, *, by: Actor) -> None:
    """Become an owner; who offered it and steps down keeps a place as an admin."""
    offer = _own_offer(offer, by=by)
    if not OwnershipOffer.objects.open(at=timezone.now()).filter(pk=offer.pk).exists():
        raise NotOnOffer("This offer has ended. Ask the owner for a new one.")
    places = Membership.objects.filter(organization=offer.organization)
    old, new = (
        lock_membership(places.get(user_id=who))
        for who in (offer.offered_by_id, offer.offered_to_id)
    )
    if Role.OWNER not in old.roles:
        raise NotOnOffer("Whoever offered this is no owner any more.")
    new.roles = sorted({*new.roles, Role.OWNER})
    new.save(update_fields=["roles"])
    if offer.steps_down:
        old.roles = sorted({*old.roles, Role.ORGANIZATION_ADMIN} - {Role.OWNER})
        old.save(update_fields=["roles"])
    offer.move_to(OwnershipOffer.Status.TAKEN, ended_at=timezone.now())
    _record(OrganizationEvent.OWNERSHIP_TAKEN, offer, by=by)


@transaction.atomic
def decline_ownership(offer: OwnershipOffer, *, by: Actor) -> None:
    offer = _own_offer(offer, by=by)
    offer.move_to(OwnershipOffer.Status.DECLINED, ended_at=timezone.now())
    _record(OrganizationEvent.OWNERSHIP_DECLINED, offer, by=by)


@transaction.atomic
def withdraw_offer(offer: OwnershipOffer, *, by: Actor) -> None:
    require(by, Permission.TRANSFER_OWNERSHIP, organization_id=offer.organization_id)
    offer.move_to(OwnershipOffer.Status.WITHDRAWN, ended_at=timezone.now())
    _record(OrganizationEvent.OWNERSHIP_WITHDRAWN, offer, by=by)


def _own_offer(offer: OwnershipOffer, *, by: Actor) -> OwnershipOffer:
    if by.person_id != offer.offered_to_id or offer.organization_id not in by.memberships:
        raise NotAllowed("This was offered to somebody else.")
    return offer


def _record(kind: OrganizationEvent, offer: OwnershipOffer, *, by: Actor) -> None:
    record(
        kind,
        offer,
        by=by,
        organization_id=offer.organization_id,
        person_id=offer.offered_to_id,
        steps_down=offer.steps_down,
    )
