"""What a client does: keys, and tokens signed with them, well made or broken on purpose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

from portal.jose import PublicKey, read_key

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
NOW = int(AT.timestamp())
KINDS: Mapping[str, tuple[str, str | int]] = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
    "PS256": ("RSA", 2048),
    "RS256": ("RSA", 2048),
    "RSA-1024": ("RSA", 1024),
    "HS256": ("oct", 256),
}
CLASSES: Mapping[str, Any] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey, "oct": OctKey}


def key(algorithm: str = "ES256", number: int = 0) -> Key:
    """Return the client's key for an algorithm; another `number` is another client's."""
    return _made(algorithm, number)


@cache
def _made(algorithm: str, number: int) -> Key:
    kind, size = KINDS[algorithm]
    made: Key = CLASSES[kind].generate_key(size)
    return made


def jwk(algorithm: str = "ES256", number: int = 0, **members: Any) -> dict[str, Any]:
    """Return the public JWK."""
    return {**key(algorithm, number).as_dict(private=False), **members}


def public(algorithm: str = "ES256", number: int = 0, **members: Any) -> PublicKey:
    return read_key(jwk(algorithm, number, **members))


def sign(
    claims: object, *, algorithm: str = "ES256", number: int = 0, header: Mapping[str, Any]
) -> str:
    """Return a JWS; members of `header` that are None are left out, `alg` may lie."""
    whole = {"alg": algorithm, **header}
    return sign_text(
        json.dumps({name: value for name, value in whole.items() if value is not None}),
        json.dumps(claims),
        algorithm=algorithm,
        number=number,
    )


def sign_text(header: str, payload: str, *, algorithm: str = "ES256", number: int = 0) -> str:
    message = encode(header) + "." + encode(payload)
    # The old name EdDSA would only add a warning.
    name = {"EdDSA": "Ed25519"}.get(algorithm, algorithm)
    made = JWSRegistry.algorithms[name].sign(message.encode(), key(algorithm, number))
    return f"{message}.{urlsafe_b64encode(made).decode()}"


def encode(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()
