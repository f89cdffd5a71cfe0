"""Who belongs to an organization, as what, and how that ends."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from partners.organizations.actions import require_free
from partners.organizations.events import OrganizationEvent
from partners.organizations.models import Membership, Organization, OwnershipOffer
from portal.access.actors import MEMBER_ROLES, Actor, Role
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, Malformed, NotAllowed, NotFound
from portal.events.log import Fact, record


class OwnerStays(Conflict):
    """An owner goes by handing over; nobody else takes the place away."""

    code = "owner_stays"


@transaction.atomic
def change_roles(membership: Membership, *, by: Actor, roles: Collection[Role]) -> None:
    """Let a member do other things from their next request on."""
    require(by, Permission.MANAGE_MEMBERS, organization_id=membership.organization_id)
    membership = lock_membership(membership)
    wanted, held = set(roles), set(map(Role, membership.roles))
    if not wanted or not wanted <= MEMBER_ROLES:
        raise Malformed("Choose at least one role.", code="roles_missing")
    is_owner = Role.OWNER in by.memberships.get(membership.organization_id, ())
    if (Role.OWNER in wanted) != (Role.OWNER in held):
        raise OwnerStays("Ownership is handed over, not ticked: the other person agrees to it.")
    if not is_owner and (Role.OWNER in held or membership.user_id == by.person_id):
        raise NotAllowed("An owner changes the roles of owners, and yours.")
    if wanted == held:
        return
    membership.roles = sorted(wanted)
    membership.save(update_fields=["roles"])
    _record(OrganizationEvent.ROLES_CHANGED, membership, by=by, roles=membership.roles)


@transaction.atomic
def remove_member(membership: Membership, *, by: Actor) -> None:
    """End a membership from the person's next request on; their account stays theirs."""
    require(by, Permission.MANAGE_MEMBERS, organization_id=membership.organization_id)
    membership = lock_membership(membership)
    if Role.OWNER in membership.roles:
        raise OwnerStays("An owner cannot be removed. They hand over or leave by themselves.")
    _end(membership, OrganizationEvent.MEMBER_REMOVED, by=by)


@transaction.atomic
def leave(organization: Organization, *, by: Actor) -> None:
    """End the own membership, unless nobody would be left to answer for the organization."""
    found = Membership.objects.filter(organization=organization, user_id=by.person_id or 0).first()
    if found is None:
        raise NotFound("You do not belong to this organisation.")
    membership = lock_membership(found)
    if Role.OWNER in membership.roles and _is_last_owner(membership):
        raise OwnerStays(f"You are the only owner of {organization}. Hand it over first.")
    _end(membership, OrganizationEvent.MEMBER_LEFT, by=by)


@transaction.atomic
def place_member(
    organization: Organization, user: User, roles: Collection[Role], *, by: Actor
) -> Membership:
    """Make somebody a member as the file says that declares this portal; they are not asked."""
    require(by, Permission.PLACE_MEMBER)
    require_free(user)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    membership = add_member(organization, user, roles)
    _record(OrganizationEvent.MEMBER_PLACED, membership, by=by, roles=membership.roles)
    return membership


def add_member(organization: Organization, user: User, roles: Collection[Role]) -> Membership:
    """Return the membership with at least those roles; the organization's row is locked."""
    membership, is_new = Membership.objects.get_or_create(
        organization=organization, user=user, defaults={"roles": sorted(roles)}
    )
    if not is_new:
        membership.roles = sorted({*membership.roles, *roles})
        membership.save(update_fields=["roles"])
    return membership


def lock_membership(membership: Membership) -> Membership:
    """Return it as it is now, with nobody else changing anybody's place there meanwhile."""
    organization = Organization.objects.select_for_update().get(pk=membership.organization_id)
    found = Membership.objects.filter(pk=membership.pk).select_related("user").first()
    if found is None:
        raise Conflict("This person does not belong to the organisation any more.")
    found.organization = organization
    return found


def _is_last_owner(membership: Membership) -> bool:
    owners = Membership.objects.filter(
        organization_id=membership.organization_id,
        roles__contains=[Role.OWNER],
        user__is_active=True,
    )
    return not owners.exclude(pk=membership.pk).exists()


def _end(membership: Membership, kind: OrganizationEvent, *, by: Actor) -> None:
    of_theirs = Q(offered_to=membership.user_id) | Q(offered_by=membership.user_id)
    offers = OwnershipOffer.objects.open(at=timezone.now())
    if offers.filter(of_theirs, organization=membership.organization).exists():
        raise Conflict("Ownership is on offer. Take that back first.", code="ownership_offered")
    _record(kind, membership, by=by)
    membership.delete()


def _record(kind: OrganizationEvent, membership: Membership, *, by: Actor, **facts: Fact) -> None:
    record(
        kind,
        membership,
        by=by,
        organization_id=membership.organization_id,
        person_id=membership.user_id,
        **facts,
    )
