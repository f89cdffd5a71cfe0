"""What a page of a developer is about: one of the own applications, and a client of it."""

# ruff: noqa: TID251 - it turns an address into what the views show

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404

from catalog.plans.models import Environment
from partners.applications.models import Application, Client
from portal.access.actors import Actor
from portal.access.permissions import Permission, require


def own_application(actor: Actor, slug: str, needs: Permission | None = None) -> Application:
    """Return an application of the actor's own organizations; staff look in the console.

    Raises `Http404`, and `NotAllowed` where the actor lacks what is needed in its organization.
    """
    own = Application.objects.filter(organization__in=list(actor.memberships))
    found = get_object_or_404(own.select_related("organization"), slug=slug)
    if needs is not None:
        require(actor, needs, organization_id=found.organization_id)
    return found


def own_client(
    actor: Actor, slug: str, environment: str, needs: Permission | None = None
) -> Client:
    """Return the application's client in that environment, as `own_application` does."""
    found = own_application(actor, slug, needs)
    if environment not in Environment.values:
        raise Http404
    client: Client = get_object_or_404(found.clients, environment=environment)
    client.application = found
    return client
