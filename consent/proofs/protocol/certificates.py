"""Client certificates (RFC 8705), as a trusted proxy hands them on.

The proxy ended the TLS connection: it checked that the client holds the key and, for certificates
of an authority, the chain and its revocation. Neither is looked at again here; a header that a
stranger could send must never get here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from consent.proofs.errors import InvalidClient
from portal.jwks import read_set
from portal.subjects import read_subject

MAX_HEADER_LENGTH = 16 * 1024
_BEGIN = "-----BEGIN CERTIFICATE-----"


class InvalidCertificate(InvalidClient):
    """No certificate that can be read, or one that is not valid now."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`thumbprint` is `x5t#S256`: the base64url of the DER's SHA-256 (RFC 8705 §3.1)."""

    thumbprint: str
    subject: x509.Name


def read_certificate(header: str, *, at: datetime) -> Certificate:
    """Return the certificate of a proxy's header, if it is valid at that instant.

    PEM with its escapes (nginx `$ssl_client_escaped_cert`), the base64 of the DER (Traefik) or that
    between colons (RFC 9440 §2.1); at most 16 KiB and one certificate. Raises `InvalidCertificate`.
    """
    if not header:
        raise InvalidCertificate("No client certificate was sent.")
    if len(header) > MAX_HEADER_LENGTH:
        raise InvalidCertificate("The client certificate is too large.")
    try:
        found = _parse(unquote(header).strip())
        is_valid = found.not_valid_before_utc <= at <= found.not_valid_after_utc
        certificate = Certificate(_thumbprint(found), found.subject)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidCertificate("The client certificate cannot be read.") from error
    if not is_valid:
        raise InvalidCertificate("The client certificate is not valid now.")
    return certificate


def is_bound(certificate: Certificate, thumbprint: str) -> bool:
    """Whether a token with this `cnf` `x5t#S256` belongs to the certificate (RFC 8705 §3)."""
    known = thumbprint.encode(errors="surrogatepass")
    return hmac.compare_digest(certificate.thumbprint.encode(), known)


def is_subject(name: str) -> bool:
    """Whether a registered `tls_client_auth_subject_dn` is a name in the form of RFC 4514."""
    return read_subject(name) is not None


def has_subject(certificate: Certificate, name: str) -> bool:
    """Whether the subject is the one registered (tls_client_auth, RFC 8705 §2.1.2).

    Names are compared part by part in their order, so escapes and the spelling of a type do not
    matter; values are compared exactly.
    """
    registered = read_subject(name)
    return registered is not None and registered == certificate.subject


def is_registered(certificate: Certificate, jwks: str | bytes | Mapping[str, Any]) -> bool:
    """Whether it is one of the client's own (self_signed_tls_client_auth, RFC 8705 §2.2).

    The client's JWK Set names its certificates by `x5c`, of which the first counts, or by
    `x5t#S256`. Raises `InvalidKeys` for what is no JWK Set.
    """
    known = {name for jwk in read_set(jwks) for name in _thumbprints(jwk)}
    return certificate.thumbprint in known


def _parse(text: str) -> x509.Certificate:
    if _BEGIN in text:
        if text.count(_BEGIN) != 1:
            raise ValueError("More than one certificate.")
        return x509.load_pem_x509_certificate(text.encode())
    if text.startswith(":") and text.endswith(":"):
        text = text[1:-1]
    return x509.load_der_x509_certificate(base64.b64decode(text, validate=True))


def _thumbprint(certificate: x509.Certificate) -> str:
    return _hash(certificate.public_bytes(Encoding.DER))


def _hash(der: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def _thumbprints(jwk: Mapping[str, Any]) -> list[str]:
    named, chain = jwk.get("x5t#S256"), jwk.get("x5c")
    found = [named] if isinstance(named, str) else []
    if isinstance(chain, list) and chain and isinstance(chain[0], str):
        try:
            found.append(_hash(base64.b64decode(chain[0], validate=True)))
        except (binascii.Error, ValueError):
            return found
    return found
