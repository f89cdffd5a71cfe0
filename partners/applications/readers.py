from __future__ import annotations

from collections.abc import Iterator

from catalog.apis.readers import Reader, offers_readers
from partners.applications.models import Application
from portal.access.actors import Actor


@offers_readers
def own_applications(actor: Actor) -> Iterator[Reader]:
    """Offer the applications of the actor's organizations, with the scopes that they ask for."""
    applications = (
        Application.objects.filter(organization__in=actor.memberships)
        .exclude(status=Application.Status.CLOSED)
        .prefetch_related("data_uses__scope")
        .order_by("name")
    )
    for application in applications:
        scopes = frozenset(use.scope.name for use in application.data_uses.all())
        yield Reader(slug=application.slug, name=application.name, scopes=scopes)
