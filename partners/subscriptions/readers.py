from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from catalog.apis.readers import Reader, offers_readers
from partners.applications.models import Application
from partners.subscriptions.models import ApprovedUse, Subscription
from portal.access.actors import Actor


@offers_readers
def own_applications(actor: Actor) -> Iterator[Reader]:
    """Offer the applications of the actor's organizations, with the scopes that they may use.

    What was approved for production counts; before that, what the sandbox lets them try.
    """
    applications = list(
        Application.objects.filter(organization__in=actor.memberships)
        .exclude(status=Application.Status.CLOSED)
        .prefetch_related("data_uses__scope", "clients")
        .order_by("name")
    )
    approved: dict[int, set[str]] = {}
    for application_id, scope in ApprovedUse.objects.filter(
        subscription__in=Subscription.objects.active(at=timezone.now()),
        subscription__client__application__in=applications,
    ).values_list("subscription__client__application_id", "scope__name"):
        approved.setdefault(application_id, set()).add(scope)
    for application in applications:
        client = next((one.client_id for one in application.clients.all() if one.is_sandbox), "")
        if application.status == Application.Status.SANDBOX:
            declared = (use.scope.name for use in application.data_uses.all())
            yield Reader(
                application.slug, f"{application.name}, sandbox", frozenset(declared), client
            )
        else:
            scopes = frozenset(approved.get(application.pk, ()))
            yield Reader(application.slug, application.name, scopes, client)
