from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from catalog.changes.models import Deprecation
from partners.applications.models import Application, Client
from partners.subscriptions.models import Subscription
from partners.upgrades.events import UpgradeEvent
from partners.upgrades.models import Acknowledgement
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.events.log import record


@transaction.atomic
def acknowledge_end(
    deprecation: Deprecation, application: Application, *, by: Actor
) -> list[Acknowledgement]:
    """Say for all its clients that may call the version that its end is known; once is enough."""
    require(by, Permission.ACKNOWLEDGE_END, organization_id=application.organization_id)
    active = Subscription.objects.active(at=timezone.now()).filter(
        plan__api=deprecation.version.api_id, client__application=application
    )
    clients = Client.objects.filter(pk__in=active.values("client")).order_by("pk")
    return [_acknowledge(deprecation, application, client, by=by) for client in clients]


def _acknowledge(
    deprecation: Deprecation, application: Application, client: Client, *, by: Actor
) -> Acknowledgement:
    found, is_new = Acknowledgement.objects.get_or_create(
        deprecation=deprecation,
        client=client,
        defaults={"acknowledged_by": User.objects.get(pk=by.person_id or 0)},
    )
    if is_new:
        record(
            UpgradeEvent.ACKNOWLEDGED,
            found,
            by=by,
            organization_id=application.organization_id,
            application=application.slug,
            client_id=client.client_id,
            api=deprecation.version.api.slug,
            version=deprecation.version.label,
        )
    return found
