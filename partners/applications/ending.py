"""How an application ends with the organization that answered for it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from partners.applications.events import ApplicationEvent
from partners.applications.models import Application
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.events.log import record


@transaction.atomic
def close_left_behind(application: Application, *, by: Actor) -> None:
    """End both clients for good because nobody answers for them any more."""
    require(by, Permission.CARRY_OUT_END)
    application.move_to(Application.Status.CLOSED, closed_at=timezone.now(), suspended_at=None)
    record(
        ApplicationEvent.CLOSED,
        application,
        by=by,
        organization_id=application.organization_id,
        application=application.slug,
    )
