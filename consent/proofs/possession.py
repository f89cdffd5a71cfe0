"""Which keys a request shows that its sender holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils import timezone

from consent.proofs import replay
from consent.proofs.holders import BoundToKeys, Holder
from consent.proofs.protocol import certificates, dpop, nonce
from consent.proofs.protocol.certificates import Certificate
from consent.proofs.protocol.dpop import InvalidProof, Proof


class ProofMissing(InvalidProof):
    """The token is bound to a key that nobody showed: tell whoever found it nothing more."""


class CertificateMissing(ProofMissing):
    """The token is bound to a certificate that did not come with it (RFC 8705 §3)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What came with a token: its scheme in lower case, DPoP headers, certificate thumbprint.

    `url` is the address that the client called, as it sees it.
    """

    scheme: str
    token: str = field(repr=False)
    method: str
    url: str
    proofs: Sequence[str] = field(default=(), repr=False)
    certificate: str = ""


def require_possession(bound: BoundToKeys, shown: Shown, *, at: datetime) -> None:
    """Pass only who holds every key that the token is bound to; a good proof is used up by this.

    A token of the DPoP kind never passes as a bearer token, nor the other way round
    (RFC 9449 §7.1, §7.2). Raises `ProofMissing`, `InvalidProof`, or `StoreAway` where a replay
    could not be ruled out.
    """
    if bound.x5t_s256 and shown.certificate != bound.x5t_s256:
        raise CertificateMissing("The token is bound to a certificate that did not come with it.")
    if bound.jkt and (shown.scheme != "dpop" or not shown.proofs):
        raise ProofMissing("The token is bound to a key: send it as DPoP, with a proof.")
    if not bound.jkt and shown.scheme == "dpop":
        raise InvalidProof("The token is bound to no key: send it as Bearer.")
    if not bound.jkt:
        return
    proof = dpop.verify(
        shown.proofs,
        method=shown.method,
        url=shown.url,
        at=at,
        access_token=shown.token,
        jkt=bound.jkt,
    )
    _use_up(proof)


def holder_of(proofs: Sequence[str], *, method: str, path: str, jkt: str | None = None) -> Holder:
    """Return the key that a request to us proves, if any; a proof needs our nonce, works once.

    Raises `InvalidProof`, `NonceNeeded`, or `StoreAway` where a replay could not be ruled out.
    """
    if not proofs:
        return Holder()
    proof = dpop.verify(
        proofs,
        method=method,
        url=f"{settings.ISSUER}{path}",
        at=timezone.now(),
        jkt=jkt,
        nonce_key=_nonce_key(),
    )
    _use_up(proof)
    return Holder(jkt=proof.jkt)


def _use_up(proof: Proof) -> None:
    try:
        replay.claim(replay.Kind.PROOF, proof.once, lifetime=dpop.MEMORY)
    except replay.Replayed as error:
        raise InvalidProof(str(error)) from error


def certificate_in(headers: Mapping[str, str]) -> Certificate | None:
    """Return the certificate that the trusted proxy hands on; without such a proxy, nobody's.

    Raises `InvalidCertificate` for one that cannot be read or is not valid now.
    """
    name = settings.CLIENT_CERTIFICATE_HEADER
    raw = headers.get(name) if name else None
    return certificates.read_certificate(raw, at=timezone.now()) if raw else None


def thumbprint_in(headers: Mapping[str, str]) -> str:
    """Return the `x5t#S256` of that certificate, empty where there is none that counts."""
    try:
        certificate = certificate_in(headers)
    except certificates.InvalidCertificate:
        return ""
    return certificate.thumbprint if certificate else ""


def read_proofs(header: str | None) -> list[str]:
    """Return each DPoP header: servers join repeated ones by commas, and no JWT holds one."""
    return [] if header is None else [part.strip() for part in header.split(",")]


def fresh_nonce() -> str:
    return nonce.issue(_nonce_key(), timezone.now())


@cache
def _nonce_key() -> bytes:
    secret = settings.SECRET_KEY.encode()
    return HKDF(SHA256(), 32, None, b"consent.oauth.dpop.nonce").derive(secret)
