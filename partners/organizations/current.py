from __future__ import annotations

from partners.organizations.models import Organization
from portal.ui.requests import Request

SESSION_KEY = "organization_id"


def organization_of(request: Request) -> Organization | None:
    """Return the organization in whose name the pages speak: the chosen one, or the first."""
    mine = Organization.objects.filter(pk__in=list(request.actor.memberships)).order_by("pk")
    chosen = request.session.get(SESSION_KEY)
    if isinstance(chosen, int) and chosen in request.actor.memberships:
        mine = mine.filter(pk=chosen)
    return mine.first()
