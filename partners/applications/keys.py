"""The public keys of a client: what is kept of a key set, and how it is shown to its developers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from partners.applications.models import Client
from portal.jose import Unreadable, UnusableKey, read_key
from portal.jwks import read_jwks, read_set

MAX_ADDRESS_LENGTH = 500
MAX_SUBJECT_LENGTH = 500
# What a public key may hold (RFC 7517 §4, RFC 7518 §6); `iat` is ours: when it was registered.
_MEMBERS = (
    "kty", "crv", "x", "y", "n", "e", "kid", "use", "key_ops", "alg", "x5c", "x5t#S256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownKey:
    """`thumbprint` is the RFC 7638 SHA-256; `since` is when it was registered here."""

    kid: str
    algorithms: str
    thumbprint: str
    since: datetime | None


def kept_set(
    source: str | Mapping[str, Any], *, before: Mapping[str, Any] | None, at: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Return the set as it is kept: known members only, each key with the instant it came.

    A key that was there before keeps its instant. Raises `InvalidKeys` as `read_jwks` does: for a
    private key above all.
    """
    read_jwks(source)
    known = {one.thumbprint: one.since for one in shown_keys(before)}
    keys = []
    for jwk in read_set(source):
        since = known.get(_thumbprint(jwk)) or at
        kept = {name: jwk[name] for name in _MEMBERS if name in jwk}
        keys.append(kept | {"iat": int(since.timestamp())})
    return {"keys": keys}


def shown_keys(jwks: Mapping[str, Any] | None) -> list[ShownKey]:
    """Return the keys of a kept set that sign something for us, in its order."""
    found = []
    for jwk in (jwks or {}).get("keys", []):
        try:
            key = read_key(jwk)
        except Unreadable:
            continue
        since = jwk.get("iat")
        found.append(
            ShownKey(
                kid=key.kid,
                algorithms=", ".join(sorted(key.algorithms - {"Ed25519"})),
                thumbprint=key.thumbprint,
                since=datetime.fromtimestamp(since, UTC) if isinstance(since, int) else None,
            )
        )
    return found


def has_way_in(client: Client) -> bool:
    """Whether anything is registered by which the client could prove who it is without a secret."""
    return bool(client.client_jwks or client.client_jwks_uri or client.tls_client_auth_subject_dn)


def why_no_address(url: str) -> str:
    """Return what is wrong with a `jwks_uri`, or nothing."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "Type a whole address, such as https://app.example/jwks.json."
    if len(url) > MAX_ADDRESS_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
        return f"Use at most {MAX_ADDRESS_LENGTH} plain characters, without spaces."
    is_allowed = host in settings.OUTBOUND_ALLOWED_HOSTS and parts.scheme == "http"
    if not host or (parts.scheme != "https" and not is_allowed):
        return "Start it with https://"
    if "@" in parts.netloc or "#" in url:
        return "Leave out the user name and what follows a #."
    return ""


def _thumbprint(jwk: Mapping[str, Any]) -> str:
    try:
        return read_key(jwk).thumbprint
    except UnusableKey:
        return ""
