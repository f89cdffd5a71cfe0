"""Demonstrating proof of possession (RFC 9449): who sends this request holds this key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from consent.proofs.errors import OAuthError
from consent.proofs.protocol import nonce as nonces
from portal.jose import (
    ALGORITHMS,
    MAX_AHEAD,
    PublicKey,
    Unreadable,
    instant_claim,
    read_key,
    read_token,
    require_begun,
    require_signer,
    text_claim,
)

TYPE = "dpop+jwt"
MAX_AGE = timedelta(seconds=60)
# How long a proof must be remembered so that it works once.
MEMORY = MAX_AGE + MAX_AHEAD
MAX_URL_LENGTH = 2048
_DEFAULT_PORTS = {"https": 443, "http": 80}
_URL = re.compile(r"[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class InvalidProof(OAuthError):
    """At a token endpoint this is a 400; a resource answers 401 with a DPoP challenge (§7.1)."""

    code = "invalid_dpop_proof"


class NonceNeeded(InvalidProof):
    """The answer carries a fresh nonce in `DPoP-Nonce`, and the client asks again (§8)."""

    code = "use_dpop_nonce"


@dataclass(frozen=True, slots=True)
class Proof:
    """`jkt` is the key's RFC 7638 thumbprint, `iat` seconds since 1970, `url` without its query.

    `once` is what may be used one time within `MEMORY` (§11.1); the caller keeps it.
    """

    jkt: str
    jti: str
    iat: float
    url: str
    nonce: str = ""

    @property
    def once(self) -> tuple[str, str, str]:
        return (self.jkt, self.jti, self.url)


def verify(
    proofs: Sequence[str],
    *,
    method: str,
    url: str,
    at: datetime,
    access_token: str | None = None,
    jkt: str | None = None,
    nonce_key: bytes | None = None,
    algorithms: Collection[str] = ALGORITHMS,
) -> Proof:
    """Check all that RFC 9449 §4.3 lists, except that the proof was not used before.

    `proofs` are the values of all `DPoP` headers of a request of `method` to `url` (absolute, as
    the client sees it). With `access_token` its hash must be there (§7), with `jkt` the key must be
    that one (§6.1, §10), with `nonce_key` a fresh nonce of ours must be there (§8, §9).
    Raises `InvalidProof`, or `NonceNeeded` for a proof that lacks nothing but the nonce.
    """
    if len(proofs) != 1:
        raise InvalidProof("Send one DPoP header with one proof in it.")
    try:
        key, claims = _signed(proofs[0], algorithms)
        proof = _proof(key, claims, method=method, url=url, at=at)
        _require_token_hash(claims, access_token)
    except Unreadable as error:
        raise InvalidProof(f"The DPoP proof will not do. {error}") from error
    if jkt is not None and not hmac.compare_digest(jkt.encode(), key.thumbprint.encode()):
        raise InvalidProof("The DPoP proof is signed with another key than the one it is bound to.")
    if nonce_key is not None and not nonces.is_fresh(proof.nonce, nonce_key, at):
        raise NonceNeeded("Put the nonce of the DPoP-Nonce header into the proof and ask again.")
    return proof


def ath(access_token: str) -> str:
    """Return the base64url of the token's SHA-256 (§4.2), 43 characters."""
    hashed = hashlib.sha256(access_token.encode(errors="surrogatepass")).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def normalized(url: str) -> str:
    """Return an http(s) address in its normal form without query and fragment (§4.3 no. 9).

    Syntax- and scheme-based normalisation of RFC 3986 §6.2.2 and §6.2.3. Raises `Unreadable`.
    """
    if len(url) > MAX_URL_LENGTH or not _URL.fullmatch(url):
        raise Unreadable("htu is not an address.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unreadable("htu is not an address.") from error
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    if scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise Unreadable("htu must be an absolute http or https address without a user.")
    host = f"[{host}]" if ":" in host else host
    suffix = "" if port in {None, _DEFAULT_PORTS[scheme]} else f":{port}"
    return f"{scheme}://{host}{suffix}{_normal_path(parts.path)}"


def _signed(raw: str, algorithms: Collection[str]) -> tuple[PublicKey, Mapping[str, Any]]:
    token = read_token(raw, types={TYPE}, algorithms=algorithms)
    jwk = token.header.get("jwk")
    if not isinstance(jwk, dict):
        raise Unreadable("Its header must hold the public key as jwk.")
    key = read_key(jwk)
    require_signer(token, [key])
    return key, token.claims


def _proof(
    key: PublicKey, claims: Mapping[str, Any], *, method: str, url: str, at: datetime
) -> Proof:
    jti = text_claim(claims, "jti")
    if text_claim(claims, "htm") != method:
        raise Unreadable("htm is not the method of this request.")
    address = normalized(text_claim(claims, "htu", max_length=MAX_URL_LENGTH))
    if address != normalized(url):
        raise Unreadable("htu is not the address of this request.")
    iat = instant_claim(claims, "iat")
    if iat < (at - MAX_AGE).timestamp():
        raise Unreadable(f"iat is more than {MAX_AGE.seconds} seconds old. Check the clock.")
    require_begun({"iat": iat}, at=at)
    nonce = text_claim(claims, "nonce") if "nonce" in claims else ""
    return Proof(jkt=key.thumbprint, jti=jti, iat=iat, url=address, nonce=nonce)


def _require_token_hash(claims: Mapping[str, Any], access_token: str | None) -> None:
    if access_token is None:
        return
    given = text_claim(claims, "ath").encode()
    if not hmac.compare_digest(given, ath(access_token).encode()):
        raise Unreadable("ath is not the hash of this access token.")


def _normal_path(path: str) -> str:
    """Escapes in one spelling (RFC 3986 §6.2.2.1, §6.2.2.2), dots resolved (§5.2.4)."""
    plain = _ESCAPE.sub(_spelled, path)
    kept: list[str] = []
    steps = plain.split("/")[1:]
    for step in steps:
        if step == "..":
            kept = kept[:-1]
        elif step != ".":
            kept.append(step)
    if steps and steps[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _spelled(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()
