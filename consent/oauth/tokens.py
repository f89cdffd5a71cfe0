"""What codes and tokens look like outside, and how one of them is found."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from consent.campaigns.models import due_by
from consent.oauth.holding import held_to_deadlines
from consent.oauth.models import AccessToken
from portal.prepared import Prepared
from portal.secrets import digest, new_secret

CODE_PREFIX = "mac_"
ACCESS_PREFIX = "mat_"
REFRESH_PREFIX = "mrt_"
# How each JWT begins; its digest finds its row as an opaque token's does, so what we issued is
# known without its signature, and what we did not issue is not there.
JWT_PREFIX = "eyJ"
CODE_LIFETIME = timedelta(seconds=60)
ACCESS_LIFETIME = timedelta(seconds=300)
# A client whose answer was lost, or that refreshes in two processes, asks again within moments.
RETRY_WINDOW = timedelta(seconds=30)
_MAX_LENGTH = 4096


def new_code() -> str:
    return new_secret(CODE_PREFIX)


def new_token(prefix: str, *, after: str = "") -> str:
    """Return a fresh token or, `after` a refresh token, the one that follows it.

    The successor is a keyed function of its predecessor, so a retry gets the same answer although
    only digests are kept; without our key nobody gets from one to the other.
    """
    return prefix + digest(f"{prefix} after {after}") if after else new_secret(prefix)


def checksum_of(raw: str) -> str:
    """Return what an access token is found by, empty for what cannot be one."""
    if not raw.startswith((ACCESS_PREFIX, JWT_PREFIX)):
        return ""
    return digest(raw) if len(raw) <= _MAX_LENGTH and raw.isascii() else ""


def access_tokens(checksum: str) -> QuerySet[AccessToken]:
    """Return the rows, one or none, of the access token, with all that decides on it."""
    found: QuerySet[AccessToken] = (
        AccessToken.objects.select_related(
            "application__application__organization", "arrangement__customer", "user"
        )
        .annotate(due_by=due_by("arrangement_id"))
        .filter(token_checksum=checksum)
    )
    return found


def read_access_token(raw: str) -> AccessToken | None:
    """Return the access token, expired or not, with all that decides on it, in one statement."""
    checksum = checksum_of(raw)
    return held_to_deadlines(_by_checksum.first(checksum=checksum)) if checksum else None


_by_checksum: Prepared[AccessToken] = Prepared(access_tokens, checksum=str)
