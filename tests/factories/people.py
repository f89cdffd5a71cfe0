from __future__ import annotations

from typing import Any

import factory

from partners.organizations.actors import actor_of
from partners.organizations.models import Membership, Organization
from portal.access.actors import Actor, Role
from portal.accounts.models import StaffRole, User


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence("person{}@example.org".format)
    name = factory.Sequence("Person {}".format)

    @factory.post_generation
    def password(self: Any, create: bool, extracted: str | None, **_: Any) -> None:
        self.set_password(extracted or "a long enough password")
        self.save()


def staff(*roles: Role) -> Actor:
    """Return a new member of staff who holds the roles."""
    user = UserFactory()
    StaffRole.objects.bulk_create(StaffRole(user=user, role=role) for role in roles)
    return actor_of(user)


def member(organization: Organization, *roles: Role) -> Actor:
    """Return a new member of the organization who holds the roles there."""
    user = UserFactory()
    Membership.objects.create(organization=organization, user=user, roles=list(roles))
    return actor_of(user)


def user_of(actor: Actor) -> User:
    return User.objects.get(pk=actor.person_id)
