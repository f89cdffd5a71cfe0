"""Who is acting: a person, an application's client or the portal itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    # Held across the portal, by staff.
    ADMIN = "admin"
    REVIEWER = "reviewer"
    SECURITY = "security"
    PRIVACY = "privacy"
    CATALOG = "catalog"
    # Held inside one organization, by its members.
    OWNER = "owner"
    ORGANIZATION_ADMIN = "organization_admin"
    DEVELOPER = "developer"
    SECURITY_CONTACT = "security_contact"
    SIGNER = "signer"
    VIEWER = "viewer"
    # Held over one organization's file by somebody from outside, for a time.
    ASSESSOR = "assessor"
    # Held by a person over what is their own.
    CUSTOMER = "customer"
    # Held by the portal's own jobs.
    SYSTEM = "system"


STAFF_ROLES = frozenset({Role.ADMIN, Role.REVIEWER, Role.SECURITY, Role.PRIVACY, Role.CATALOG})
MEMBER_ROLES = frozenset(
    {
        Role.OWNER,
        Role.ORGANIZATION_ADMIN,
        Role.DEVELOPER,
        Role.SECURITY_CONTACT,
        Role.SIGNER,
        Role.VIEWER,
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is what the event log keeps: `user:7`, `client:<client id>`, `system` or `anonymous`."""

    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    memberships: Mapping[int, frozenset[Role]] = field(default_factory=dict)
    person_id: int | None = None

    @property
    def is_known(self) -> bool:
        return self.id != ANONYMOUS.id

    @property
    def is_staff(self) -> bool:
        return not self.roles.isdisjoint(STAFF_ROLES)

    def roles_over(
        self, *, organization_id: int | None = None, person_id: int | None = None
    ) -> frozenset[Role]:
        """Return the roles held over something of that organization or that person."""
        roles = self.roles
        if organization_id is not None:
            roles |= self.memberships.get(organization_id, frozenset())
        if person_id is not None and person_id == self.person_id:
            roles |= {Role.CUSTOMER}
        return roles


SYSTEM = Actor(id="system", name="The portal", roles=frozenset({Role.SYSTEM}))
ANONYMOUS = Actor(id="anonymous", name="Somebody")
