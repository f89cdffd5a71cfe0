from __future__ import annotations

from django.db.models import QuerySet

from portal.access.actors import Role
from portal.accounts.models import User


def people_of(organization_id: int, *roles: Role) -> QuerySet[User]:
    """Return the members who hold one of the roles there; everybody when none is named."""
    people = User.objects.filter(memberships__organization_id=organization_id, is_active=True)
    if roles:
        people = people.filter(memberships__roles__overlap=[role.value for role in roles])
    return people.order_by("pk")
