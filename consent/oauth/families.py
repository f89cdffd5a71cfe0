"""All that came from one authorization code: ended together when it leaks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils import timezone

from consent.oauth.authentication import actor_of
from consent.oauth.events import OAuthEvent
from consent.oauth.models import AccessToken, DeviceGrant, Grant, RefreshToken
from portal.access.actors import Actor
from portal.events.log import record_with


def end_family(family: UUID) -> int:
    """Revoke what is left of a family, in two statements; return how much that was."""
    now = timezone.now()
    revoked = RefreshToken.objects.filter(token_family=family, revoked=None).update(
        revoked=now, updated=now
    )
    return revoked + AccessToken.objects.filter(family=family, revoked_at=None).update(
        revoked_at=now
    )


def end_replayed(
    kind: OAuthEvent, issued: Grant | DeviceGrant | RefreshToken, family: UUID
) -> None:
    """End a family because something that can be used once came back; say so if it mattered."""
    if end_family(family):
        tell(kind, issued, by=actor_of(issued.application))


def tell_if_hoarded(grant: Grant, *, at: datetime) -> None:
    """Say so, once, when a client that had its tokens shows another code after the agreement ended.

    One code alone may just have crossed the customer's change of mind on its way; a second one that
    was kept for later is what would have brought back what the customer ended.
    """
    if at >= grant.expires or grant.epoch == grant.backing.epoch:
        return
    taken = RefreshToken.objects.of_arrangement(grant.backing.pk)
    if taken.exists() and Grant.objects.filter(pk=grant.pk, used_at=None).update(used_at=at):
        tell(OAuthEvent.CODE_HOARDED, grant, by=actor_of(grant.application))


def tell(
    kind: OAuthEvent,
    issued: Grant | DeviceGrant | AccessToken | RefreshToken,
    *,
    by: Actor,
    scope: str = "",
    beside: Sequence[models.Model] = (),
) -> None:
    """Record what happened to something that was issued under an arrangement.

    What is issued new goes `beside` the event, into the same statement.
    """
    client = issued.application
    record_with(
        beside,
        kind,
        issued.arrangement or client,
        by=by,
        organization_id=client.application.organization_id,
        person_id=issued.user_id,
        client_id=client.client_id,
        application=client.application.slug,
        version=issued.version_number,
        scopes=sorted(scope.split()),
    )
