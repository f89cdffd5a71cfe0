"""Signed authorization requests (RFC 9101, FAPI 2.0 Message Signing §5.3)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from consent.proofs.errors import OAuthError
from portal.jose import (
    ALGORITHMS,
    PublicKey,
    Token,
    Unreadable,
    instant_claim,
    read_token,
    require_begun,
    require_signer,
)
from portal.jwks import select

MAX_AGE = timedelta(minutes=60)
MAX_LIFETIME = timedelta(minutes=60)
MAX_PARAMETERS = 40
MAX_VALUE_LENGTH = 4096
_TYPES = ("", "jwt", "oauth-authz-req+jwt")
# What says something about the object and not about the request (RFC 7519 §4.1).
_ABOUT = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})
# Values that are JSON: RFC 9396 §2, OpenID Connect Core §5.5 and §3.1.2.1, RFC 8707 §2.
_JSON: Mapping[str, type] = {"authorization_details": list, "claims": dict}
_NUMBERS = frozenset({"max_age"})
_LISTS = frozenset({"resource"})
_TEXTS = frozenset(
    {
        "acr_values", "client_id", "code_challenge", "code_challenge_method", "display",
        "dpop_jkt", "grant_id", "grant_management_action", "id_token_hint", "login_hint",
        "nonce", "prompt", "redirect_uri", "response_mode", "response_type", "scope", "state",
        "ui_locales",
    }
)  # fmt: skip


class InvalidRequestObject(OAuthError):
    code = "invalid_request_object"


def header_of(raw: str) -> Mapping[str, Any]:
    """Return the unverified header, whose `kid` and `alg` hint at the key.

    Raises `InvalidRequestObject`.
    """
    return _read(raw, ALGORITHMS).header


def verify(
    raw: str,
    *,
    keys: Sequence[PublicKey],
    client_id: str,
    issuer: str,
    at: datetime,
    algorithms: Collection[str] = ALGORITHMS,
) -> dict[str, str]:
    """Return the request's parameters; only those inside the object count (RFC 9101 §5, MS1).

    Each value is as a form would carry it: JSON values as compact JSON, numbers as digits;
    parameters nobody knows are left out unless they are text (RFC 6749 §3.1), and so is what is
    empty. `client_id` is always there. `aud` is or contains the issuer, `iss` is the client, `nbf`
    lies at most 60 minutes back and 30 s ahead, `exp` at most 60 minutes after it; `request` and
    `request_uri` may not be inside (§4). Raises `InvalidRequestObject`.
    """
    token = _read(raw, algorithms)
    try:
        require_signer(token, select(keys, token.header))
        _require_claims(token, client_id=client_id, issuer=issuer, at=at)
        return {"client_id": client_id} | _parameters(token.claims)
    except Unreadable as error:
        raise InvalidRequestObject(f"The request object will not do. {error}") from error


def _read(raw: str, algorithms: Collection[str]) -> Token:
    try:
        return read_token(raw, types=_TYPES, algorithms=algorithms)
    except Unreadable as error:
        raise InvalidRequestObject(f"The request object will not do. {error}") from error


def _require_claims(token: Token, *, client_id: str, issuer: str, at: datetime) -> None:
    claims = token.claims
    if claims.get("iss") != client_id or claims.get("client_id", client_id) != client_id:
        raise Unreadable("iss and client_id must be the client that sends it.")
    if claims.get("sub") == client_id:
        # It could pass for a client assertion elsewhere (RFC 9101 §10.8).
        raise Unreadable("sub may not be the client_id.")
    audience = claims.get("aud")
    if audience != issuer and not (isinstance(audience, list) and issuer in audience):
        raise Unreadable(f"aud must be or contain the issuer: {issuer}")
    begins, ends = instant_claim(claims, "nbf"), instant_claim(claims, "exp")
    if begins < (at - MAX_AGE).timestamp():
        raise Unreadable("nbf may lie at most 60 minutes back.")
    require_begun(claims, at=at)
    if ends <= at.timestamp():
        raise Unreadable("exp is over. Check the clock.")
    if ends > begins + MAX_LIFETIME.total_seconds():
        raise Unreadable("exp may lie at most 60 minutes after nbf.")
    if "request" in claims or "request_uri" in claims:
        raise Unreadable("request and request_uri may not be inside.")


def _parameters(claims: Mapping[str, Any]) -> dict[str, str]:
    read = {name: _value(name, claims[name]) for name in claims.keys() - _ABOUT}
    given = {name: value for name, value in read.items() if value}
    if len(given) > MAX_PARAMETERS:
        raise Unreadable(f"It has more than {MAX_PARAMETERS} parameters.")
    for name, value in given.items():
        if len(name) > 100 or len(value) > MAX_VALUE_LENGTH:
            raise Unreadable("A parameter is too long.")
        if "\x00" in value or not name.isprintable():
            raise Unreadable("A parameter holds characters that mean nothing.")
    return given


def _value(name: str, value: object) -> str:
    """Return what a form would carry, "" for what is not understood."""
    if isinstance(value, str):
        return value
    if name in _JSON and isinstance(value, _JSON[name]):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if name in _NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return str(_whole(name, value))
    if name in _LISTS and isinstance(value, list):
        return _joined(name, value)
    if name in _TEXTS or name in _JSON or name in _NUMBERS or name in _LISTS:
        raise Unreadable(f"{name} has a value of the wrong type.")
    return ""


def _whole(name: str, value: int) -> int:
    if not 0 <= value < 2**40:
        raise Unreadable(f"{name} must be a number of seconds.")
    return value


def _joined(name: str, values: list[object]) -> str:
    """Return the values as `parameters.LISTS` holds what comes several times."""
    texts = [value for value in values if isinstance(value, str) and value and " " not in value]
    if not texts or len(texts) != len(values):
        raise Unreadable(f"{name} must be texts without spaces.")
    return " ".join(texts)
