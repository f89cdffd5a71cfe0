"""Codes and refresh tokens as a request takes them: with their arrangement held, claimed once."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.utils import timezone

from consent.oauth.models import BoundQuerySet, Grant, RefreshToken
from consent.oauth.models.bound import Bound
from consent.oauth.standing import Standing
from partners.applications.models import Client
from portal.prepared import Prepared
from portal.secrets import digest
from portal.statements import execute

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


def held_code(client: Client, code: str, *, standing: Standing | None = None) -> Grant | None:
    return _held(_held_code, client, code, standing)


def held_refresh_token(
    client: Client, token: str, *, standing: Standing | None = None
) -> RefreshToken | None:
    return _held(_held_refresh_token, client, token, standing)


def _held(question: Prepared[B], client: Client, raw: str, standing: Standing | None) -> B | None:
    """Return the client's code or refresh token once nobody else holds its arrangement.

    What is remembered of the client is confirmed by the same statement. `Changed` is raised where
    it is not, and where nothing is found: what that means is not for memory to decide.
    """
    asked = {"client_id": client.pk, "digest": digest(raw)}
    unchanged = standing.unchanged(at=timezone.now()) if standing is not None else None
    if standing is None or unchanged is None:
        return held_to_deadlines(question.first(**asked))
    found, holds = question.first_while(unchanged, **asked)
    standing.confirm(holds)
    return held_to_deadlines(found)


def held_to_deadlines(bound: B | None) -> B | None:
    """Let what was read with `due_by` end no later than that: one end is compared everywhere."""
    due_by: datetime | None = bound.due_by if bound else None
    if bound is not None and bound.arrangement is not None and due_by is not None:
        bound.arrangement.ends_at = min(bound.arrangement.ends_at, due_by)
    return bound
