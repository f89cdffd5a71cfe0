"""Which keys a request shows that its sender holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils import timezone

from consent.oauth import replay
from consent.oauth.callers import Holder
from consent.oauth.protocol import certificates, dpop, nonce
from consent.oauth.protocol.certificates import Certificate


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
    try:
        replay.claim(replay.Kind.PROOF, proof.once, lifetime=dpop.MEMORY)
    except replay.Replayed as error:
        raise dpop.InvalidProof(str(error)) from error
    return Holder(jkt=proof.jkt)


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
