"""The words of OpenID Connect Core: its scope and what an id token says beside its names."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection

SCOPE = "openid"
# Scopes that are the protocol's own: no API has them, no subscription is needed, no data opens.
PROTOCOL_SCOPES = frozenset({SCOPE})
CLAIMS = (
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "amr",
    "at_hash",
    "sid",
)
# How somebody proved who they are (RFC 8176 §2), from what the sign-in remembers. A passkey may
# live in hardware or not, so that it only says that there is a key.
_METHODS = {
    "password": "pwd",
    "code": "otp",
    "totp": "otp",
    "recovery_codes": "otp",
    "webauthn": "pop",
}


def amr_of(methods: Collection[str]) -> list[str]:
    """Return the `amr` values for the ways in which somebody signed in, and `mfa` for several."""
    values = sorted({_METHODS[method] for method in methods if method in _METHODS})
    return [*values, "mfa"] if len(values) > 1 else values


def acr_of(methods: Collection[str]) -> str:
    """Return how sure the sign-in was: `two_factors`, where two kinds of proof or a key were shown.

    An empty string where nobody knows.
    """
    values = amr_of(methods)
    if not values:
        return ""
    return "two_factors" if {"mfa", "pop"} & set(values) else "one_factor"


def at_hash(access_token: str, *, algorithm: str) -> str:
    """Return the left half of the token's hash as base64url (OpenID Connect Core §3.1.3.6).

    The hash is the one inside the signature: SHA-512 for Ed25519 (RFC 8032 §5.1), else SHA-256.
    """
    name = "sha512" if algorithm == "EdDSA" else "sha256"
    hashed = hashlib.new(name, access_token.encode()).digest()
    return base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
