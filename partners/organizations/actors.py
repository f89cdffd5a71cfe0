from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from partners.organizations.models import Membership, Organization
from portal.access.actors import ANONYMOUS, Actor, Role
from portal.accounts.models import StaffRole, User


def actor_of(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Return the actor that a signed-in person is: staff roles, and roles in open organizations."""
    if not isinstance(user, User) or not user.is_active:
        return ANONYMOUS
    staff_roles = StaffRole.objects.filter(user=user).values_list("role", flat=True)
    memberships = Membership.objects.filter(user=user).exclude(
        organization__status=Organization.Status.CLOSED
    )
    return Actor(
        id=f"user:{user.pk}",
        name=str(user),
        roles=frozenset(map(Role, staff_roles)),
        memberships={
            membership.organization_id: frozenset(map(Role, membership.roles))
            for membership in memberships
        },
        person_id=user.pk,
    )
