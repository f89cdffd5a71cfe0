from __future__ import annotations

from typing import Any

import factory
from django.utils import timezone

from partners.organizations.actors import actor_of
from partners.organizations.invitations import MAIL, invite
from partners.organizations.models import Domain, Invitation, Membership, Organization
from portal.access.actors import Actor, Role
from portal.accounts.models import StaffRole, User
from portal.notifications.models import Message


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


def invited(
    organization: Organization, *, by: Actor, email: str = "new@example.org"
) -> tuple[Invitation, str]:
    """Return an invitation to become a developer, and the token that its mail holds."""
    invitation = invite(organization, by=by, email=email, roles=[Role.DEVELOPER])
    return invitation, token_for(email)


def token_for(email: str) -> str:
    """Return the token in the newest invitation that was mailed to that address."""
    mail = Message.objects.written_to(email, kind=MAIL).latest("pk")
    return mail.link.split("/")[2]


def proven_domain(organization: Organization, name: str = "") -> Domain:
    return Domain.objects.create(
        organization=organization,
        name=name or f"{organization.slug}.example",
        code="x",
        proven_at=timezone.now(),
        proven_by=Domain.Way.DNS,
    )
