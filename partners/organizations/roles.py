"""What a member's roles are called, in the order in which they are explained."""

from __future__ import annotations

from partners.organizations.models.invitation import INVITED_ROLES
from portal.access.actors import Role
from portal.ui.forms import Choice

ROLES = (
    (Role.OWNER, "Owner", "Answers for the organisation, and can do all of the below but sign."),
    (Role.ORGANIZATION_ADMIN, "Admin", "Looks after people, profile and applications."),
    (Role.DEVELOPER, "Developer", "Registers applications, makes secrets, asks for access."),
    (Role.SECURITY_CONTACT, "Security contact", "Answers security questions, revokes secrets."),
    (Role.SIGNER, "Signer", "Accepts agreements."),
    (Role.VIEWER, "Viewer", "Sees everything, changes nothing."),
)
NAMES = {role.value: name for role, name, _ in ROLES}
# What can be ticked; nobody becomes an owner by a tick.
CHOICES = [
    (role.value, Choice(name, words)) for role, name, words in ROLES if role in INVITED_ROLES
]


def names_of(roles: list[str]) -> list[str]:
    return [name for role, name in NAMES.items() if role in roles]
