from __future__ import annotations

from django.db import transaction

from catalog.changes.models import Deprecation
from partners.applications.models import Client
from partners.upgrades.events import UpgradeEvent
from partners.upgrades.models import Acknowledgement
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.events.log import record


@transaction.atomic
def acknowledge_end(deprecation: Deprecation, client: Client, *, by: Actor) -> Acknowledgement:
    """Say that the end is known; a second time changes nothing."""
    organization_id = client.application.organization_id
    require(by, Permission.ACKNOWLEDGE_END, organization_id=organization_id)
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
            organization_id=organization_id,
            application=client.application.slug,
            client_id=client.client_id,
            api=deprecation.version.api.slug,
            version=deprecation.version.label,
        )
    return found
