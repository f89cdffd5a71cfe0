# ruff: noqa: TID251 - it turns a request into what the views show

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404

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


def own_organization(request: Request) -> Organization:
    """Return the same, and nothing to somebody who has none."""
    organization = organization_of(request)
    if organization is None:
        raise Http404
    return organization


def others_of(request: Request) -> list[Organization]:
    """Return the organizations to switch between; most people have one, and need no switch."""
    mine = list(request.actor.memberships)
    return list(Organization.objects.filter(pk__in=mine).order_by("name")) if len(mine) > 1 else []


def speak_for(request: Request, slug: str) -> None:
    """Let the pages speak in the name of that one of the own organizations from now on."""
    mine = Organization.objects.filter(pk__in=list(request.actor.memberships))
    request.session[SESSION_KEY] = get_object_or_404(mine, slug=slug[:60]).pk
