from __future__ import annotations

from partners.webhooks import actions
from portal.events.log import on
from portal.events.models import Event


@on(
    "consent.approval.*",
    "consent.arrangement.*",
    "consent.campaign.*",
    "consent.code.*",
    "consent.refresh.*",
    "data.*",
    "partners.access.*",
    "partners.subscription.*",
    "partners.upgrade.*",
)
def tell_endpoints(event: Event) -> None:
    if event.organization_id is not None:
        actions.queue_event(event)
