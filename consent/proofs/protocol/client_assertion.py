"""private_key_jwt: a client proves by its signature who it is (RFC 7523 §3, FAPI 2.0 §5.3.2.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from consent.proofs.errors import InvalidClient
from portal.jose import (
    ALGORITHMS,
    PublicKey,
    Token,
    Unreadable,
    instant_claim,
    read_token,
    require_begun,
    require_signer,
    text_claim,
)
from portal.jwks import select

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_LIFETIME = timedelta(minutes=10)
# draft-ietf-oauth-rfc7523bis gives it a type of its own; until then there is none, or JWT.
_TYPES = ("", "jwt", "client-authentication+jwt")


@dataclass(frozen=True, slots=True)
class Assertion:
    """`jti` may be used once until `expires_at` (RFC 7523 §3 no. 7); the caller keeps it."""

    client_id: str
    jti: str
    expires_at: datetime

    @property
    def once(self) -> tuple[str, str]:
        return (self.client_id, self.jti)


def client_id_of(assertion: str) -> str:
    """Return who the assertion says it is from, to look the keys up; nothing is verified yet.

    Raises `InvalidClient`.
    """
    claims = _read(assertion, ALGORITHMS).claims
    try:
        return text_claim(claims, "sub")
    except Unreadable as error:
        raise InvalidClient(f"The client assertion will not do. {error}") from error


def header_of(assertion: str) -> Mapping[str, Any]:
    """Return the unverified header, whose `kid` and `alg` hint at the key.

    Raises `InvalidClient`.
    """
    return _read(assertion, ALGORITHMS).header


def verify(
    assertion: str,
    *,
    keys: Sequence[PublicKey],
    client_id: str,
    issuer: str,
    at: datetime,
    algorithms: Collection[str] = ALGORITHMS,
) -> Assertion:
    """Check that the client signed this, for us, for now; not that it was not used before.

    `aud` must be the issuer as one string: neither an endpoint nor an array will do (FAPI F4).
    `iss` and `sub` are the client, `exp` lies at most 10 minutes ahead, `iat` and `nbf` at most
    30 s, `jti` has 1 to 256 characters. Raises `InvalidClient`.
    """
    token = _read(assertion, algorithms)
    try:
        require_signer(token, select(keys, token.header))
        expires_at = _require_claims(token.claims, client_id=client_id, issuer=issuer, at=at)
        return Assertion(client_id, text_claim(token.claims, "jti"), expires_at)
    except Unreadable as error:
        raise InvalidClient(f"The client assertion will not do. {error}") from error


def _read(assertion: str, algorithms: Collection[str]) -> Token:
    try:
        return read_token(assertion, types=_TYPES, algorithms=algorithms)
    except Unreadable as error:
        raise InvalidClient(f"The client assertion will not do. {error}") from error


def _require_claims(
    claims: Mapping[str, Any], *, client_id: str, issuer: str, at: datetime
) -> datetime:
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise Unreadable("iss and sub must both be the client_id.")
    if claims.get("aud") != issuer:
        raise Unreadable(f"aud must be the issuer as one string: {issuer}")
    expires = instant_claim(claims, "exp")
    if expires <= at.timestamp():
        raise Unreadable("exp is over. Check the clock.")
    if expires > (at + MAX_LIFETIME).timestamp():
        raise Unreadable("exp may lie at most 10 minutes ahead.")
    require_begun(claims, at=at)
    return datetime.fromtimestamp(expires, UTC)
