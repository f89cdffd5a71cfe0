from __future__ import annotations

from django.urls import reverse

from partners.organizations.people import people_of
from partners.subscriptions.events import AccessEvent
from partners.subscriptions.models import AccessRequest
from portal.access.actors import Role
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

TEMPLATES = {
    AccessEvent.APPROVED: "subscriptions/approved",
    AccessEvent.REJECTED: "subscriptions/rejected",
}


@on(*TEMPLATES)
def tell_what_was_decided(event: Event) -> None:
    request = AccessRequest.objects.select_related(
        "client__application", "plan__api"
    ).get(pk=event.subject.rpartition(":")[2])  # fmt: skip
    application = request.client.application
    for person in people_of(application.organization_id, Role.OWNER, Role.DEVELOPER):
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template=TEMPLATES[AccessEvent(event.kind)],
            context={
                "application": application.name,
                "api": request.plan.api.name,
                "number": request.number,
                "reason": request.reason,
            },
            link=reverse("subscriptions:access_request", args=[application.slug, request.number]),
        )
