"""Codes and refresh tokens as a request takes them: with their arrangement held, claimed once."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from consent.oauth.models import BoundQuerySet, Grant, RefreshToken
from consent.oauth.models.bound import Bound
from portal.prepared import Prepared, execute

B = TypeVar("B", bound=Bound)
_CLAIM = "UPDATE oauth_grant SET used_at = %s WHERE id = %s AND used_at IS NULL"


def claim_code(grant: Grant, *, at: datetime) -> bool:
    """Use the code up, or learn that another request was faster."""
    return bool(execute(_CLAIM, [at, grant.pk]))


def _code(client_id: int, digest: str) -> BoundQuerySet:
    return Grant.objects.held(client_id, code=digest)


def _refresh_token(client_id: int, digest: str) -> BoundQuerySet:
    return RefreshToken.objects.held(client_id, token_checksum=digest)


_held_code: Prepared[Grant] = Prepared(_code, client_id=int, digest=str)
_held_refresh_token: Prepared[RefreshToken] = Prepared(_refresh_token, client_id=int, digest=str)


def held_code(client_id: int, digest: str) -> Grant | None:
    return held_to_deadlines(_held_code.first(client_id=client_id, digest=digest))


def held_refresh_token(client_id: int, digest: str) -> RefreshToken | None:
    return held_to_deadlines(_held_refresh_token.first(client_id=client_id, digest=digest))


def held_to_deadlines(bound: B | None) -> B | None:
    """Let what was read with `due_by` end no later than that: one end is compared everywhere."""
    due_by: datetime | None = bound.due_by if bound else None
    if bound is not None and bound.arrangement is not None and due_by is not None:
        bound.arrangement.ends_at = min(bound.arrangement.ends_at, due_by)
    return bound
