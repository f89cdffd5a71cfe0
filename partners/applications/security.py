"""Use cases about how a client proves who it is: what staff ask of it."""

from __future__ import annotations

from django.db import transaction

from partners.applications.events import ApplicationEvent
from partners.applications.models import Client
from partners.applications.profiles import Profile
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import NotAllowed
from portal.events.log import record


@transaction.atomic
def choose_profile(client: Client, *, by: Actor, profile: Profile) -> None:
    """Say what the client must do from its next request on; its secrets and keys stay on record."""
    require(by, Permission.CHOOSE_PROFILE)
    organization_id = client.application.organization_id
    if organization_id in by.memberships:
        raise NotAllowed("You belong to the organization, so somebody else must choose.")
    kept = Client.objects.select_for_update().get(pk=client.pk)
    if kept.profile == profile:
        return
    before, kept.profile = kept.profile, profile
    kept.save(update_fields=["profile", "updated"])
    client.profile = profile
    record(
        ApplicationEvent.PROFILE_CHOSEN,
        client,
        by=by,
        organization_id=organization_id,
        application=client.application.slug,
        client_id=client.client_id,
        environment=client.environment,
        before=before,
        profile=profile.value,
    )
