"""Which single cases a client asks for (RFC 9396 §10): its own limit, within its scopes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from catalog.scopes.models import DetailType
from partners.applications.events import ApplicationEvent
from partners.applications.models import Application, Client
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import record

MAX_TYPES = 20
MAX_TYPE_LENGTH = 80


class DetailTypesRefused(Refused):
    code = "detail_types_refused"


@transaction.atomic
def name_detail_types(client: Client, *, by: Actor, types: Sequence[str]) -> None:
    """Hold the client to these types from its next request on; none named stands for any."""
    application = client.application
    require(by, Permission.CHANGE_APPLICATION, organization_id=application.organization_id)
    if application.status == Application.Status.CLOSED:
        raise Conflict(f"{application} is closed.", code="client_not_live")
    named = sorted(set(types))
    if len(named) > MAX_TYPES:
        raise _refusal(f"Name at most {MAX_TYPES} types.")
    known = DetailType.objects.current().filter(name__in=named).values_list("name", flat=True)
    if unknown := sorted(set(named) - set(known)):
        raise _refusal(f"No API of ours has this type: {', '.join(unknown)[:200]}")
    if client.authorization_details_types == named:
        return
    client.authorization_details_types = named
    client.save(update_fields=["authorization_details_types", "updated"])
    record(
        ApplicationEvent.DETAIL_TYPES_NAMED,
        client,
        by=by,
        organization_id=application.organization_id,
        application=application.slug,
        client_id=client.client_id,
        environment=client.environment,
        types=named,
    )


def _refusal(message: str) -> DetailTypesRefused:
    return DetailTypesRefused(message, errors={"types": [message]})
