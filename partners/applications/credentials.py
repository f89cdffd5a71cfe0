from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from partners.applications.models import Client, Credential
from portal import secrets
from portal.prepared import Prepared

PREFIX = "mrs_"
MAX_LIVE = 2
_MAX_LENGTH = 200
_NOTED_EVERY = timedelta(minutes=1)


def client_with_secret(client_id: str, secret: str, *, at: datetime) -> Client | None:
    """Return the client whose live secret that is, and note that it was used.

    One statement whether or not the client exists, and every live digest is compared in constant
    time, so neither the count nor the time tells an unknown client from a wrong secret.
    """
    client = _clients.first(client_id=client_id, at=at)
    live = as_credentials(client.kept) if client is not None else ()
    return client if matching(live, secret, at=at) else None


def matching(live: Iterable[Credential], secret: str, *, at: datetime) -> Credential | None:
    """Return the one of a client's live credentials whose secret that is, and note its use."""
    if len(secret) > _MAX_LENGTH or not secret.isascii():
        return None
    found = None
    for credential in live:
        if secrets.matches(secret, credential.digest):
            found = credential
    if found is not None:
        _note_use(found, at=at)
    return found


def live_secrets(client: str, *, at: datetime) -> ArraySubquery:
    """Return the live credentials of the client that `client` refers to, to be read beside it."""
    live = Credential.objects.live(at=at).filter(client=OuterRef(client))
    return ArraySubquery(
        live.values(kept=JSONObject(id="id", digest="digest", last_used_at="last_used_at"))
    )


def as_credentials(kept: Iterable[dict[str, Any]]) -> tuple[Credential, ...]:
    """Return what `live_secrets` has read."""
    return tuple(map(_credential, kept))


def _credential(kept: dict[str, Any]) -> Credential:
    used = kept["last_used_at"]
    return Credential(
        id=kept["id"],
        digest=kept["digest"],
        last_used_at=datetime.fromisoformat(used) if used else None,
    )


def _named(client_id: str, at: datetime) -> QuerySet[Any]:
    clients = Client.objects.select_related("application__organization")
    found: QuerySet[Any] = clients.filter(client_id=client_id).annotate(
        kept=live_secrets("pk", at=at)
    )
    return found


_clients: Prepared[Any] = Prepared(_named, client_id=str, at=datetime)


def _note_use(credential: Credential, *, at: datetime) -> None:
    """Write the last use at most once a minute, so that a busy client does not make one row hot."""
    before = at - _NOTED_EVERY
    if credential.last_used_at is not None and credential.last_used_at > before:
        return
    Credential.objects.filter(pk=credential.pk).filter(
        Q(last_used_at=None) | Q(last_used_at__lte=before)
    ).update(last_used_at=at)


def newest_of(client: Client) -> int:
    """Return the number of the client's newest secret, 0 when it never had one."""
    return client.credentials.aggregate(newest=Max("pk"))["newest"] or 0
