"""Signed JSON from strangers, read strictly (RFC 7515, 7517, 7518, 8037, 8725).

Nothing that a token names is fetched or trusted: the caller says which kinds, algorithms and keys
will do. Instants are seconds since 1970 (RFC 7519 §2, NumericDate); a window is a `timedelta`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

# FAPI 2.0 Security Profile §5.4.1; RFC 9864 gives EdDSA over this curve its full name.
ALGORITHMS = ("PS256", "ES256", "EdDSA", "Ed25519")
MAX_BYTES = 16 * 1024
MAX_ID_LENGTH = 256
# FAPI 2.0 Security Profile §5.3.2.1: up to 10 s must be accepted, more than 60 s refused.
MAX_AHEAD = timedelta(seconds=30)
RSA_BITS = range(2048, 4097)
MAX_RSA_EXPONENT = 2**17

# What would make a reader fetch something, trust a stranger's certificate or read other bytes.
_REFUSED_HEADERS = frozenset({"crit", "jku", "x5u", "x5c", "zip", "b64"})
_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_EDWARDS = frozenset({"EdDSA", "Ed25519"})
_FIXED_LENGTH = 43  # 32 bytes in base64url
_KINDS: Mapping[tuple[str, str], tuple[tuple[str, ...], frozenset[str]]] = {
    ("RSA", ""): (("n", "e"), frozenset({"PS256"})),
    ("EC", "P-256"): (("crv", "x", "y"), frozenset({"ES256"})),
    ("OKP", "Ed25519"): (("crv", "x"), _EDWARDS),
}


class Unreadable(Exception):
    """A token or key that will not do; the message is fixed and meant for who made it."""


class UnusableKey(Unreadable):
    """A proper key for something that we do not do: a set may hold it beside others."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies signatures; `thumbprint` is its RFC 7638 SHA-256 in base64url."""

    thumbprint: str
    algorithms: frozenset[str]
    kid: str = ""
    key: Key | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """A JWS that has the right form; nothing in it is known to be true before `require_signer`."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    algorithm: str
    message: bytes
    signature: bytes


def read_token(raw: str, *, types: Collection[str], algorithms: Collection[str]) -> Token:
    """Return a compact JWS of JSON claims (RFC 7515 §3.1, §7.1) without believing it yet.

    `types` are the values of `typ` that will do, in lower case and without `application/`; ""
    among them lets it be absent (RFC 8725 §3.11). `algorithms` are the allowed values of `alg`
    (§3.1). Raises `Unreadable`.
    """
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"It is longer than {MAX_BYTES:,} characters.")
    if not raw.isascii() or raw.count(".") != 2:
        raise Unreadable("It is not a JWS in compact form.")
    parts = raw.split(".")
    header = _read_object(parts[0], "header")
    if any(name in header for name in _REFUSED_HEADERS):
        raise Unreadable("Its header may not hold crit, jku, x5u, x5c, zip or b64.")
    kind = header.get("typ", "")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in types:
        wanted = " or ".join(sorted(name for name in types if name))
        raise Unreadable(f"The typ in its header must be {wanted}.")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise Unreadable(f"It must be signed with one of: {', '.join(algorithms)}.")
    return Token(
        header=header,
        claims=_read_object(parts[1], "payload"),
        algorithm=algorithm,
        message=f"{parts[0]}.{parts[1]}".encode(),
        signature=_decode(parts[2], "signature"),
    )


def require_signer(token: Token, keys: Sequence[PublicKey]) -> PublicKey:
    """Return the key that made the signature (RFC 7515 §5.2); raise `Unreadable` if none did."""
    for key in keys:
        if token.algorithm in key.algorithms and _is_signed_by(token, key):
            return key
    raise Unreadable("Its signature does not fit any of the keys.")


def read_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Return the public key of a JWK (RFC 7517 §4), its members read strictly.

    RSA of 2048 to 4096 bits, EC P-256 and OKP Ed25519 (RFC 7518 §6, RFC 8037). `use`, `key_ops`
    and `alg` are honoured. Raises `UnusableKey` for a key of another kind or purpose, `Unreadable`
    for one that is broken, weak, symmetric or holds its private part.
    """
    if jwk.get("kty") == "oct" or any(name in jwk for name in _PRIVATE_MEMBERS):
        raise Unreadable("A key holds a secret. Send the public part, and replace the key.")
    curve = "" if jwk.get("kty") == "RSA" else jwk.get("crv")
    kind = (jwk.get("kty"), curve)
    if not all(isinstance(part, str) for part in kind) or kind not in _KINDS:
        raise UnusableKey("Use an RSA, a P-256 or an Ed25519 key.")
    names, algorithms = _KINDS[kind]  # type: ignore[index] # both are strings by now
    members = {name: jwk.get(name) for name in ("kty", *names)}
    key = _native({name: value for name, value in members.items() if isinstance(value, str)})
    kid = jwk.get("kid", "")
    if not isinstance(kid, str) or len(kid) > MAX_ID_LENGTH:
        raise Unreadable(f"A kid must be a string of at most {MAX_ID_LENGTH} characters.")
    return PublicKey(key.thumbprint(), _purposes(jwk, algorithms), kid, key)


def text_claim(claims: Mapping[str, Any], name: str, *, max_length: int = MAX_ID_LENGTH) -> str:
    """Return a claim that must be a string that is not empty; raise `Unreadable`."""
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{name} must be there, as a string.")
    if len(value) > max_length:
        raise Unreadable(f"{name} is longer than {max_length} characters.")
    return value


def instant_claim(claims: Mapping[str, Any], name: str) -> float:
    """Return a claim that must be a NumericDate (RFC 7519 §2), in seconds; raise `Unreadable`."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        raise Unreadable(f"{name} must be there, as a number of seconds since 1970.")
    return value


def require_begun(claims: Mapping[str, Any], *, at: datetime) -> None:
    """Raise `Unreadable` if `iat` or `nbf`, where they are, lie more than 30 s ahead (FAPI F9)."""
    for name in ("iat", "nbf"):
        if name in claims and instant_claim(claims, name) > (at + MAX_AHEAD).timestamp():
            raise Unreadable(f"{name} lies in the future. Check the clock.")


def read_json(text: str | bytes) -> Any:
    """Return the JSON value; raise `ValueError` for what two readers could read in two ways.

    Names that come twice (RFC 8725 §2.4, RFC 7515 §4), numbers that JSON has not, half characters
    and endless nesting are refused.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode()
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    return value


def _is_signed_by(token: Token, public: PublicKey) -> bool:
    # RFC 9864 §2.2: over this curve both names mean one algorithm; the library warns of the old.
    name = "Ed25519" if token.algorithm in _EDWARDS else token.algorithm
    algorithm = JWSRegistry.algorithms[name]
    try:
        return algorithm.verify(token.message, token.signature, public.key)
    except (JoseError, ValueError):
        return False


def _purposes(jwk: Mapping[str, Any], algorithms: frozenset[str]) -> frozenset[str]:
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list):
        raise UnusableKey("The key is not meant for signatures.")
    if "verify" not in operations:
        raise UnusableKey("The key is not meant for verifying signatures.")
    named = jwk.get("alg")
    if named is None:
        return algorithms
    if not isinstance(named, str) or named not in algorithms:
        raise UnusableKey(f"The key is meant for none of: {', '.join(ALGORITHMS)}.")
    return _EDWARDS if named in _EDWARDS else frozenset({named})


def _native(members: dict[str, str | list[str]]) -> Key:
    """Build the key of its required members only, each in its one canonical form (RFC 7638 §3)."""
    try:
        if members["kty"] == "RSA":
            _check_rsa(str(members["n"]), str(members["e"]))
        elif any(len(members[name]) != _FIXED_LENGTH for name in members.keys() & {"x", "y"}):
            raise Unreadable("The coordinates of a key must have 32 bytes.")
        return JWKRegistry.import_key(members)
    except (JoseError, ValueError, KeyError) as error:
        raise Unreadable("A key is broken: members are missing or do not fit.") from error


def _check_rsa(modulus: str, exponent: str) -> None:
    if len(modulus) > MAX_BYTES or len(exponent) > 8:
        raise Unreadable("An RSA key is out of all proportion.")
    raw, raw_exponent = urlsafe_b64decode(modulus.encode()), urlsafe_b64decode(exponent.encode())
    if not raw or not raw_exponent or not raw[0] or not raw_exponent[0]:
        raise Unreadable("The numbers of an RSA key must begin with a byte that is not zero.")
    if int.from_bytes(raw).bit_length() not in RSA_BITS:
        raise Unreadable(f"An RSA key must have {RSA_BITS[0]} to {RSA_BITS[-1]} bits.")
    number = int.from_bytes(raw_exponent)
    if number < 3 or number > MAX_RSA_EXPONENT or number % 2 == 0:
        raise Unreadable("The exponent of an RSA key must be an odd number, usually 65537.")


def _read_object(segment: str, part: str) -> dict[str, Any]:
    try:
        value = read_json(_decode(segment, part))
    except ValueError as error:
        raise Unreadable(f"Its {part} is not JSON with each name once.") from error
    if not isinstance(value, dict):
        raise Unreadable(f"Its {part} is not a JSON object.")
    return value


def _decode(segment: str, part: str) -> bytes:
    try:
        return urlsafe_b64decode(segment.encode())
    except ValueError as error:
        raise Unreadable(f"Its {part} is not base64url.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("A name comes twice.")
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON.")
