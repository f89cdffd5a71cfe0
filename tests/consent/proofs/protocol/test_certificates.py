"""Mutual TLS through a trusted proxy (RFC 8705): F2, F3 and the proxy's own spellings."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.proofs.protocol.certificates import (
    InvalidCertificate,
    has_subject,
    is_bound,
    is_registered,
    is_subject,
    read_certificate,
)
from portal.jwks import InvalidKeys
from tests.consent.proofs.protocol.signing import AT, jwk

ALWAYS = settings(derandomize=True, deadline=None, max_examples=150)
SUBJECT = (
    (NameOID.COUNTRY_NAME, "DE"),
    (NameOID.ORGANIZATION_NAME, "Halden Health, Inc."),
    (NameOID.ORGANIZATION_IDENTIFIER, "PSDDE-BAFIN-1"),
    (NameOID.COMMON_NAME, "refill.halden.example"),
)
DN = r"CN=refill.halden.example,organizationIdentifier=PSDDE-BAFIN-1,O=Halden Health\, Inc.,C=DE"
DAY = timedelta(days=1)


@cache
def made(*, number: int = 0, begins: datetime = AT - DAY, ends: datetime = AT + DAY) -> bytes:
    """Return the DER of a self-signed certificate; another `number` is another client's."""
    own = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in SUBJECT])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(own.public_key()).serial_number(number + 1)
    builder = builder.not_valid_before(begins).not_valid_after(ends)
    return builder.sign(own, hashes.SHA256()).public_bytes(Encoding.DER)


def pem(der: bytes) -> str:
    found = x509.load_der_x509_certificate(der)
    return found.public_bytes(Encoding.PEM).decode()


def plain(der: bytes) -> str:
    return base64.b64encode(der).decode()


def hashed(der: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


SPELLINGS = {
    "nginx": quote(pem(made()), safe="/"),
    "pem": pem(made()),
    "traefik": quote(plain(made())),
    "base64": plain(made()),
    "rfc9440": f":{plain(made())}:",
}


@pytest.mark.parametrize("header", SPELLINGS.values(), ids=SPELLINGS)
def test_f3_the_thumbprint_is_the_same_in_every_spelling(header):
    certificate = read_certificate(header, at=AT)

    assert certificate.thumbprint == hashed(made())
    assert is_bound(certificate, hashed(made()))


@pytest.mark.parametrize(
    "thumbprint",
    ["", "ä", hashed(made(number=1)), hashed(made()) + "="],
    ids=["none", "letter", "another", "padded"],
)
def test_f3_a_token_of_another_certificate_is_not_bound_to_it(thumbprint):
    assert not is_bound(read_certificate(pem(made()), at=AT), thumbprint)


REFUSED = {
    "none": "",
    "nginx-without-one": "-",
    "words": "not a certificate",
    "two": pem(made()) + pem(made(number=1)),
    "cut": pem(made())[:200],
    "half": plain(made()[:100]),
    "trailing": plain(made() + b"\x00"),
    "too-large": "A" * 20_000,
    "not-ascii": "ä",
    "a-key": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    "colons": "::",
}


@pytest.mark.parametrize("header", REFUSED.values(), ids=REFUSED)
def test_what_is_not_one_certificate_is_refused(header):
    with pytest.raises(InvalidCertificate) as refusal:
        read_certificate(header, at=AT)

    assert (refusal.value.status, refusal.value.code) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("begins", "ends", "is_valid"),
    [
        (AT, AT + DAY, True),
        (AT - DAY, AT, True),
        (AT + timedelta(seconds=1), AT + DAY, False),
        (AT - DAY, AT - timedelta(seconds=1), False),
    ],
)
def test_a_certificate_has_its_time(begins, ends, is_valid):
    header = pem(made(begins=begins, ends=ends))

    if is_valid:
        assert read_certificate(header, at=AT).thumbprint
    else:
        with pytest.raises(InvalidCertificate, match="not valid now"):
            read_certificate(header, at=AT)


SAME = {
    "rfc4514": DN,
    "hexadecimal-escape": DN.replace(r"\,", r"\2c"),
    "type-by-number": DN.replace("organizationIdentifier", "2.5.4.97"),
}
DIFFERENT = {
    "empty": "",
    "another-order": "C=DE," + DN.removesuffix(",C=DE"),
    "another-case": DN.replace("refill", "Refill"),
    "one-part-less": DN.removesuffix(",C=DE"),
    "one-part-more": f"{DN},DC=example",
    "only-the-common-name": "CN=refill.halden.example",
    "a-longer-common-name": DN.replace("halden.example", "halden.example.evil"),
    "parts-joined": DN.replace(",C=DE", "+C=DE"),
    "no-name": "refill.halden.example",
    "unknown-type": DN.replace("CN=", "XN="),
    "country-of-three": DN.replace("C=DE", "C=DEU"),
    "a-very-long-common-name": "CN=" + "x" * 100,
    "endless": "CN=x," * 1000 + "CN=x",
}


@pytest.mark.parametrize("name", SAME.values(), ids=SAME)
def test_f2_the_registered_subject_is_recognised(name):
    assert is_subject(name)
    assert has_subject(read_certificate(pem(made()), at=AT), name)


@pytest.mark.filterwarnings("ignore:Attribute's length:UserWarning")
@pytest.mark.parametrize("name", DIFFERENT.values(), ids=DIFFERENT)
def test_f2_another_subject_is_not(name):
    assert not has_subject(read_certificate(pem(made()), at=AT), name)


def test_what_is_no_name_cannot_be_registered():
    assert not is_subject("refill.halden.example")
    assert not is_subject("")


REGISTERED = {
    "x5c": {"x5c": [plain(made())]},
    "x5c-with-its-chain": {"x5c": [plain(made()), plain(made(number=1))]},
    "thumbprint": {"x5t#S256": hashed(made())},
}
NOT_REGISTERED = {
    "no-certificate": {},
    "anothers": {"x5c": [plain(made(number=1))]},
    "second-of-a-chain": {"x5c": [plain(made(number=1)), plain(made())]},
    "empty-chain": {"x5c": []},
    "no-base64": {"x5c": ["?"]},
    "text": {"x5c": plain(made())},
    "numbers": {"x5c": [1], "x5t#S256": 1},
}


@pytest.mark.parametrize("members", REGISTERED.values(), ids=REGISTERED)
def test_f2_a_registered_self_signed_certificate_is_recognised(members):
    known = {"keys": [jwk(number=1), jwk("ES384", **members)]}

    assert is_registered(read_certificate(pem(made()), at=AT), known)


@pytest.mark.parametrize("members", NOT_REGISTERED.values(), ids=NOT_REGISTERED)
def test_f2_another_self_signed_certificate_is_not(members):
    known = {"keys": [jwk(**members)]}

    assert not is_registered(read_certificate(pem(made()), at=AT), known)


def test_what_is_no_key_set_is_refused():
    with pytest.raises(InvalidKeys):
        is_registered(read_certificate(pem(made()), at=AT), "{}")


@ALWAYS
@given(header=st.text() | st.binary().map(plain))
def test_no_header_breaks_the_reader(header):
    with suppress(InvalidCertificate):
        read_certificate(header, at=AT)


@ALWAYS
@pytest.mark.filterwarnings("ignore:Attribute's length:UserWarning")
@given(name=st.text() | st.from_regex(r"(CN|C|O|2\.5\.4\.3)=[\w\\+#,=;]*"))
def test_no_name_breaks_the_reader(name):
    assert not has_subject(read_certificate(SPELLINGS["base64"], at=AT), name)
