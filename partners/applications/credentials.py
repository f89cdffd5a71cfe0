from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from partners.applications.models import Client, Credential
from portal import secrets
from portal.prepared import Prepared, Seen

PREFIX = "mrs_"
MAX_LIVE = 2
# The reason that ends a secret at once, its tokens too, and may leave a client with none.
LEAKED = "leaked"
_MAX_LENGTH = 200
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A client as it was read, with its live credentials where it may prove itself by one."""

    client: Client
    credentials: tuple[Credential, ...] = ()
    # What tells whether it is still the same; None where nobody asks later.
    seen: Seen[Any] | None = None

    def is_proven(self, secret: str, *, at: datetime) -> bool:
        """Whether that is a live secret of the client; note that it was used."""
        return matching(self.credentials, secret, at=at) is not None

    def owes_note(self, *, at: datetime) -> bool:
        """Whether the use of any of its secrets would have to be noted again."""
        return all(_owes_note(credential, at=at) for credential in self.credentials)


def known_client(client_id: str, *, at: datetime) -> Known | None:
    """Return the client of that name with its live credentials, in one statement."""
    seen = _clients.seen(client_id=client_id, at=at)
    if not seen.rows:
        return None
    return Known(seen.rows[0], as_credentials(seen.rows[0].kept), seen)


def client_with_secret(client_id: str, secret: str, *, at: datetime) -> Client | None:
    """Return the client whose live secret that is, and note that it was used.

    One statement whether or not the client exists, and every live digest is compared in constant
    time, so neither the count nor the time tells an unknown client from a wrong secret.
    """
    known = known_client(client_id, at=at)
    return known.client if known is not None and known.is_proven(secret, at=at) else None


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
    live = Credential.objects.live(at=at).filter(client=OuterRef(client)).order_by("pk")
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
    if not _owes_note(credential, at=at):
        return
    before = at - _NOTED_EVERY
    Credential.objects.live(at=at).filter(pk=credential.pk).filter(
        Q(last_used_at=None) | Q(last_used_at__lte=before)
    ).update(last_used_at=at)


def _owes_note(credential: Credential, *, at: datetime) -> bool:
    return credential.last_used_at is None or credential.last_used_at <= at - _NOTED_EVERY


def newest_of(client: Client) -> int:
    """Return the number of the client's newest secret, 0 when it never had one."""
    return client.credentials.aggregate(newest=Max("pk"))["newest"] or 0
