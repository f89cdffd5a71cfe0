"""Codes and refresh tokens as a request takes them: with their arrangement held, claimed once."""

from __future__ import annotations

from datetime import datetime

from consent.oauth.models import BoundQuerySet, Grant, RefreshToken
from portal.prepared import Prepared, execute

_CLAIM = "UPDATE oauth_grant SET used_at = %s WHERE id = %s AND used_at IS NULL"


def claim_code(grant: Grant, *, at: datetime) -> bool:
    """Use the code up, or learn that another request was faster."""
    return bool(execute(_CLAIM, [at, grant.pk]))


def _code(client_id: int, digest: str) -> BoundQuerySet:
    return Grant.objects.held(client_id, code=digest)


def _refresh_token(client_id: int, digest: str) -> BoundQuerySet:
    return RefreshToken.objects.held(client_id, token_checksum=digest)


held_code: Prepared[Grant] = Prepared(_code, client_id=int, digest=str)
held_refresh_token: Prepared[RefreshToken] = Prepared(_refresh_token, client_id=int, digest=str)
