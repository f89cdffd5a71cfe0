"""The keys that a client says are its own (RFC 7517): read once with care, then chosen from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from portal.errors import Refused
from portal.jose import PublicKey, Unreadable, UnusableKey, read_json, read_key

MAX_BYTES = 64 * 1024
MAX_KEYS = 20


class InvalidKeys(Refused):
    """The message says which key, counted from 1, and what to do about it."""

    code = "invalid_keys"


def read_jwks(source: str | bytes | Mapping[str, Any]) -> tuple[PublicKey, ...]:
    """Return the keys of a JWK Set (RFC 7517 §5) that can verify a signature for us, in order.

    At most 64 KiB and 20 keys, each `kid` once (FAPI F24). Keys of other kinds or purposes are
    left out (§5: a set may hold what a reader does not know). Raises `InvalidKeys` for a set that
    is broken, holds a secret or a weak key, or has no key that we can use.
    """
    usable = []
    for number, jwk in enumerate(read_set(source), start=1):
        try:
            usable.append(read_key(jwk))
        except UnusableKey:
            continue
        except Unreadable as error:
            raise InvalidKeys(f"Key {number}: {error}") from error
    if not usable:
        raise InvalidKeys("None of the keys is an RSA, P-256 or Ed25519 key for signatures.")
    return tuple(usable)


def read_set(source: str | bytes | Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the members of a JWK Set as they are; raise `InvalidKeys` as `read_jwks` does."""
    try:
        text = json.dumps(source) if isinstance(source, Mapping) else source
        if len(text) > MAX_BYTES:
            raise InvalidKeys(f"The key set is larger than {MAX_BYTES // 1024} KiB.")
        found = read_json(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidKeys("The key set is not JSON with each name once.") from error
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or not all(isinstance(jwk, dict) for jwk in keys):
        raise InvalidKeys('A key set looks like {"keys": [...]}, with one object for each key.')
    if len(keys) > MAX_KEYS:
        raise InvalidKeys(f"The key set has more than {MAX_KEYS} keys.")
    names = [jwk["kid"] for jwk in keys if isinstance(jwk.get("kid"), str)]
    if len(set(names)) != len(names):
        raise InvalidKeys("Two keys have the same kid.")
    return tuple(keys)


def select(keys: Sequence[PublicKey], header: Mapping[str, Any]) -> tuple[PublicKey, ...]:
    """Return the keys that may have signed a JWS with this header (RFC 7515 §6, appendix D).

    `kid` is a hint: it leaves the keys of that name or, where there are none, those without a
    name. Nothing is left when the key is not (yet) among ours.
    """
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str):
        return ()
    fitting = tuple(key for key in keys if algorithm in key.algorithms)
    if not kid:
        return fitting
    named = tuple(key for key in fitting if key.kid == kid)
    return named or tuple(key for key in fitting if not key.kid)
