from __future__ import annotations

from consent.signals import actions
from portal.events.log import on
from portal.events.models import Event

NEWS = (
    "consent.approval.*",
    "consent.arrangement.*",
    "consent.code.*",
    "consent.refresh.*",
    "data.*",
)
TRIALS = ("partners.webhook.added", "partners.webhook.enabled", "partners.webhook.tested")


@on(*NEWS)
def keep_for_clients(event: Event) -> None:
    if event.organization_id is not None:
        actions.keep_signal(event)


@on(*NEWS, *TRIALS)
def push_as_token(event: Event) -> None:
    if event.organization_id is not None:
        actions.push_signal(event)
