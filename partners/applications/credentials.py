from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max, Q

from partners.applications.models import Client, Credential
from portal import secrets

PREFIX = "mrs_"
MAX_LIVE = 2
_MAX_LENGTH = 200
_NOTED_EVERY = timedelta(minutes=1)


def credential_for(client: Client, secret: str, *, at: datetime) -> Credential | None:
    """Return the client's live credential of that secret, and note that it was used.

    Every live digest is compared in constant time. The last use is written at most once a minute,
    so that a busy client does not make one row hot.
    """
    if len(secret) > _MAX_LENGTH or not secret.isascii():
        return None
    found = None
    for credential in Credential.objects.live(at=at).filter(client=client):
        if secrets.matches(secret, credential.digest):
            found = credential
    if found is not None and (
        found.last_used_at is None or found.last_used_at <= at - _NOTED_EVERY
    ):
        Credential.objects.filter(pk=found.pk).filter(
            Q(last_used_at=None) | Q(last_used_at__lte=at - _NOTED_EVERY)
        ).update(last_used_at=at)
        found.last_used_at = at
    return found


def newest_of(client: Client) -> int:
    """Return the number of the client's newest secret, 0 when it never had one."""
    return client.credentials.aggregate(newest=Max("pk"))["newest"] or 0
