"""Signatures of the portal's own (RFC 7515, RFC 8725): made here, read here, one place for both."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
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
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    raw = _sign(payload.encode(), typ=typ, algorithm=algorithm)
    if len(raw) > MAX_CHARACTERS:
        raise ValueError(f"{len(raw)} characters are more than anybody here reads.")
    return raw


def sign_detached(payload: bytes, *, typ: str, algorithm: str = "ES256") -> str:
    """Return a signature over bytes that are kept beside it: `header..signature`.

    As in RFC 7515, Appendix F: put the bytes, as base64url, between the two full stops, and it is
    a compact JWS like any other. However long the bytes are.
    """
    header, _, signature = _sign(payload, typ=typ, algorithm=algorithm).split(".")
    return f"{header}..{signature}"


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
    key = _known(_header(raw))
    return _read(raw, typ=typ, keys={key.kid: key})


def check_of_record(signature: str, payload: bytes, *, typ: str) -> SigningKey:
    """Return the key that made a detached signature over exactly these bytes.

    Whatever else: `BadSignature`. As in `read_of_record`, a retired key counts and a compromised
    one does not. One question to the database.
    """
    header, _, rest = signature.partition("..")
    raw = f"{header}.{encoded(payload)}.{rest}"
    named = _header(signature)
    key = _known(named)
    _verify(raw, named, typ=typ, keys={key.kid: key})
    return key


def kid_of(raw: str) -> str:
    """Return the name of the key that a signature says it is of, whoever made it."""
    return str(_header(raw).get("kid"))


def is_any_trusted(signatures: Iterable[str]) -> bool:
    """Whether one of them names a key of ours that was not given up. One question, no check."""
    kids = [kid_of(signature) for signature in signatures if signature]
    return SigningKey.objects.filter(kid__in=kids, compromised_at=None).exists()


def encoded(payload: bytes) -> str:
    """Return bytes as they stand in a JWS: base64url without padding."""
    return urlsafe_b64encode(payload).rstrip(b"=").decode()


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


def jwks_of_record() -> dict[str, list[dict[str, Any]]]:
    """Return every public key that ever signed and was not given up, the newest first."""
    keys = SigningKey.objects.exclude(activated_at=None).filter(compromised_at=None)
    return {"keys": [dict(key.public_jwk) for key in keys.order_by("-activated_at", "kid")]}


def _sign(payload: bytes, *, typ: str, algorithm: str) -> str:
    key = _ring(algorithm).signing(algorithm, at=timezone.now())
    if key is None:
        raise ValueError(f"There is no key for {algorithm}.")
    header = {"alg": algorithm, "kid": key.kid, "typ": typ}
    return jws.serialize_compact(header, payload, key.private_key, registry=_registry(algorithm))


def _known(header: Mapping[str, Any]) -> SigningKey:
    """Return the key of that name, retired or not, unless it was given up."""
    kid = str(header.get("kid"))
    key = None
    if _KID.fullmatch(kid):
        key = SigningKey.objects.filter(kid=kid, compromised_at=None).first()
    if key is None:
        raise BadSignature("No key of ours has such a name.")
    return key


def _read(raw: str, *, typ: str, keys: Mapping[str, SigningKey]) -> dict[str, Any]:
    try:
        claims = json.loads(_verify(raw, _header(raw), typ=typ, keys=keys))
    except ValueError as error:
        raise BadSignature("The claims are no JSON.") from error
    if not isinstance(claims, dict):
        raise BadSignature("The claims are no object.")
    return claims


def _verify(
    raw: str, header: Mapping[str, Any], *, typ: str, keys: Mapping[str, SigningKey]
) -> bytes:
    """Return what was signed, by one of these keys."""
    key = keys.get(str(header.get("kid")))
    # Ours say these three things and no more: no `crit`, no `b64`, no `jku` to follow.
    if key is None or header != {"alg": key.algorithm, "kid": key.kid, "typ": typ}:
        raise BadSignature("No key of ours signs like this.")
    try:
        signed = jws.deserialize_compact(raw, key.public_key, registry=_registry(key.algorithm))
    except (JoseError, ValueError) as error:
        raise BadSignature("The signature does not fit.") from error
    return bytes(signed.payload)


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

    # A receipt that pins many fields is long; what strangers send was measured before it came here.
    max_payload_length = 4 * 1024 * 1024

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise ValueError(f"{name} is not this key's algorithm.")
        return self.algorithms[name]


@cache
def _registry(algorithm: str) -> JWSRegistry:
    return _Registry(algorithms=[algorithm])
