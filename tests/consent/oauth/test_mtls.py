"""RFC 8705: a certificate that a trusted proxy hands on proves who asks, and binds what it gets."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.test import Client as Browser
from django.utils import timezone

from consent.keys import jws
from consent.proofs.protocol.certificates import read_certificate
from partners.applications.profiles import Method
from tests.factories.fapi import make_fapi_world
from tests.factories.gateway import make_gate
from tests.factories.oauth import FORM

HEADER = "X-SSL-Client-Cert"


def certificate(name="partner.example", *, days=1):
    """Return a self-signed certificate as nginx writes it into the header."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = timezone.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, SHA256())
    )
    return quote(made.public_bytes(Encoding.PEM).decode())


def thumbprint(header):
    return read_certificate(header, at=timezone.now()).thumbprint


def own_token(world, shown, **form):
    body = f"grant_type=client_credentials&scope=open:read&client_id={world.client.client_id}"
    return Browser().post("/oauth/token", body, content_type=FORM, headers={HEADER: shown})


@pytest.fixture
def world(db, settings):
    settings.CLIENT_CERTIFICATE_HEADER = HEADER
    world = make_fapi_world()
    world.client.token_endpoint_auth_method = Method.TLS
    world.client.tls_client_auth_subject_dn = "CN=partner.example"
    world.client.save()
    return world


def test_a_certificate_proves_who_asks_and_binds_the_token(world):
    shown = certificate()

    body = own_token(world, shown).json()

    assert body["token_type"] == "Bearer"
    claims = jws.read(body["access_token"], typ="at+jwt")
    assert claims["cnf"] == {"x5t#S256": thumbprint(shown)}


@pytest.mark.parametrize(
    "shown",
    [certificate("other.example"), certificate(days=-1), "nonsense", ""],
    ids=["subject", "over", "nonsense", "none"],
)
def test_any_other_certificate_proves_nothing(world, shown):
    answer = own_token(world, shown)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_certificate_of_ones_own_must_be_registered(world):
    shown = certificate()
    world.client.token_endpoint_auth_method = Method.SELF_SIGNED_TLS
    world.client.client_jwks = {"keys": [{"kty": "EC", "x5t#S256": thumbprint(shown)}]}
    world.client.save()

    assert own_token(world, shown).status_code == 200
    assert own_token(world, certificate()).status_code == 401


def test_a_header_that_no_proxy_was_set_up_for_means_nothing(world, settings):
    settings.CLIENT_CERTIFICATE_HEADER = ""

    assert own_token(world, certificate()).status_code == 401
    methods = Browser().get("/.well-known/oauth-authorization-server").json()
    assert "tls_client_auth" not in methods["token_endpoint_auth_methods_supported"]


def test_a_client_that_signs_assertions_cannot_come_with_a_certificate(world):
    world.client.token_endpoint_auth_method = Method.PRIVATE_KEY_JWT
    world.client.save()

    assert own_token(world, certificate()).status_code == 401


def test_the_token_is_worth_nothing_without_the_certificate(world):
    gate = make_gate(world)
    shown = certificate()
    token = own_token(world, shown).json()["access_token"]

    def reason(**headers):
        return gate.ask(token, path="/shops", **headers).get("X-Portal-Reason")

    assert reason(**{HEADER: shown}) is None
    assert reason() == "proof_missing"
    assert reason(**{HEADER: certificate()}) == "proof_missing"
    assert reason(**{HEADER: "nonsense"}) == "proof_missing"
    challenge = gate.ask(token, path="/shops")["X-Portal-Challenge"]
    assert challenge.startswith('Bearer realm="meridian", error="invalid_token"')
