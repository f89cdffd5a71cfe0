"""Names on certificates, as people and proxies write them (RFC 4514)."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

MAX_LENGTH = 1024
# Names that proxies write and RFC 4514 §3 does not list.
_NAMES: Mapping[str, ObjectIdentifier] = {
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
    "businessCategory": NameOID.BUSINESS_CATEGORY,
}


def read_subject(name: str) -> x509.Name | None:
    """Return the name of at most 1024 characters; None for what is none."""
    if not name or len(name) > MAX_LENGTH:
        return None
    try:
        return x509.Name.from_rfc4514_string(name, dict(_NAMES))
    except (ValueError, TypeError):
        return None
