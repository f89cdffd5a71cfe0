"""Signatures of the portal's own (RFC 7515, RFC 8725): made here, read here, one place for both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils import timezone
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from consent.keys import actions, ring
from consent.keys.actions import ALWAYS
from consent.keys.models import SigningKey

MAX_CHARACTERS = 64 * 1024
_KID = re.compile(r"[A-Za-z0-9_-]{43}")


class BadSignature(Exception):
    """Not ours, not any more, or not what it is shown as."""


def sign(claims: Mapping[str, Any], *, typ: str, algorithm: str = "ES256") -> str:
    """Return the claims as a compact JWS with `alg`, `kid` and `typ` in its header.

    The first use of an algorithm makes its keys; another than ES256, EdDSA or PS256 is a
    `ValueError`. A claim that JSON cannot say is a `TypeError`.
    """
    key = _ring(algorithm).signing(algorithm, at=timezone.now())
    if key is None:
        raise ValueError(f"There is no key for {algorithm}.")
    header = {"alg": algorithm, "kid": key.kid, "typ": typ}
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    registry = _registry(algorithm)
    raw = jws.serialize_compact(header, payload, key.private_key, registry=registry)
    if len(raw) > MAX_CHARACTERS:
        raise ValueError(f"{len(raw)} characters are more than anybody here reads.")
    return raw


def read(raw: str, *, typ: str) -> dict[str, Any]:
    """Return the claims of a signature of ours, or raise `BadSignature`.

    The key is found by `kid` among those that are published or retiring; the algorithm is the
    key's, whatever the header says (RFC 8725 §3.1); `typ` must be the same (§3.11). What the
    claims say, `exp` and `aud` among them, is for the caller to judge.
    """
    now = timezone.now()
    trusted = {key.kid: key for key in _ring(ALWAYS[0]).trusted(at=now)}
    return _read(raw, typ=typ, keys=trusted)


def read_of_record(raw: str, *, typ: str) -> dict[str, Any]:
    """Do as `read`, for papers that are kept: a key that has since retired counts too.

    Its private part was destroyed, so whatever it signed it signed in its time. A compromised key
    never counts. One question to the database.
    """
    kid = str(_header(raw).get("kid"))
    if not _KID.fullmatch(kid):
        raise BadSignature("No key of ours has such a name.")
    keys = SigningKey.objects.filter(kid=kid, compromised_at=None)
    return _read(raw, typ=typ, keys={key.kid: key for key in keys})


def jwks() -> dict[str, list[dict[str, Any]]]:
    """Return the public keys as a JWK Set (RFC 7517 §5): the signing, the next and the last."""
    now = timezone.now()
    keys = _ring(ALWAYS[0]).trusted(at=now)
    # Some clients take the first that fits: let it be one that signs.
    keys.sort(key=lambda key: not key.is_signing(at=now))
    return {"keys": [dict(key.public_jwk) for key in keys]}


def algorithms_in_use() -> list[str]:
    """Return the algorithms that have a signing key now, for the metadata."""
    now = timezone.now()
    known = _ring(ALWAYS[0])
    return sorted({key.algorithm for key in known.trusted(at=now)})


def _ring(algorithm: str) -> ring.Ring:
    """Return the ring with that algorithm on it; the first question ever makes the keys."""
    known = ring.current()
    if any(key.algorithm == algorithm for key in known.keys.values()):
        return known
    actions.ensure(algorithm)
    # Another process may have made them since the ring was read.
    ring.forget()
    return ring.current()


def _read(raw: str, *, typ: str, keys: Mapping[str, SigningKey]) -> dict[str, Any]:
    header = _header(raw)
    key = keys.get(str(header.get("kid")))
    # Ours say these three things and no more: no `crit`, no `b64`, no `jku` to follow.
    if key is None or header != {"alg": key.algorithm, "kid": key.kid, "typ": typ}:
        raise BadSignature("No key of ours signs like this.")
    try:
        signed = jws.deserialize_compact(raw, key.public_key, registry=_registry(key.algorithm))
        claims = json.loads(signed.payload)
    except (JoseError, ValueError) as error:
        raise BadSignature("The signature does not fit.") from error
    if not isinstance(claims, dict):
        raise BadSignature("The claims are no object.")
    return claims


def _header(raw: str) -> dict[str, Any]:
    if len(raw) > MAX_CHARACTERS:
        raise BadSignature("It is too long for one of ours.")
    try:
        header = jws.extract_compact(raw.encode()).headers()
    except (JoseError, ValueError) as error:
        raise BadSignature("It is no compact JWS.") from error
    return dict(header)


class _Registry(JWSRegistry):
    """One algorithm, and nothing said about its name: FAPI 2.0 calls Ed25519 `EdDSA`."""

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise ValueError(f"{name} is not this key's algorithm.")
        return self.algorithms[name]


@cache
def _registry(algorithm: str) -> JWSRegistry:
    return _Registry(algorithms=[algorithm])
