"""Changing a secret without an outage: a new one now, and an end for the one before."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from partners.applications.actions import issue_credential
from partners.applications.events import ApplicationEvent
from partners.applications.models import Client, Credential
from portal.access.actors import Actor
from portal.errors import Refused
from portal.events.log import record

OVERLAP = timedelta(days=7)
LONGEST_OVERLAP = timedelta(days=30)


@transaction.atomic
def rotate_credential(
    client: Client, *, by: Actor, overlap: timedelta = OVERLAP
) -> tuple[Credential, str]:
    """Return a new secret, readable this once; the one before works on until the overlap ends.

    An end that was set before stays where it comes sooner: rotating never gives a secret more time.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Refused("Choose an overlap of at most 30 days.", code="overlap_too_long")
    credential, secret = issue_credential(client, by=by)
    ends_at = credential.issued_at + overlap
    before = client.credentials.live(at=credential.issued_at).exclude(pk=credential.pk)
    ended = before.filter(Q(expires_at=None) | Q(expires_at__gt=ends_at)).update(expires_at=ends_at)
    if ended:
        record(
            ApplicationEvent.CREDENTIAL_ROTATED,
            credential,
            by=by,
            organization_id=client.application.organization_id,
            application=client.application.slug,
            client_id=client.client_id,
            environment=client.environment,
            ends_at=ends_at.isoformat(),
        )
    return credential, secret
