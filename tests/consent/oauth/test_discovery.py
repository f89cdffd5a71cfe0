"""What a client reads before it does anything: discovery, and the resource's own description."""

from __future__ import annotations

import pytest
from django.conf import settings

from consent.oauth import openid

DISCOVERY = "/.well-known/openid-configuration"


def test_the_issuer_is_the_address_that_was_asked(client, db):
    answer = client.get(DISCOVERY).json()

    assert f"{answer['issuer']}{DISCOVERY}" == f"{settings.ISSUER}{DISCOVERY}"


def test_both_addresses_say_the_same(client, db):
    other = client.get("/.well-known/oauth-authorization-server")

    assert client.get(DISCOVERY).json() == other.json()


def test_what_openid_connect_discovery_requires_is_there(client, db):
    said = client.get(DISCOVERY).json()

    assert {
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    } <= set(said)
    assert said["subject_types_supported"] == ["pairwise"]
    assert said["scopes_supported"] == ["openid"]
    assert said["claims_supported"] == list(openid.CLAIMS)
    assert said["backchannel_logout_supported"] is said["backchannel_logout_session_supported"]
    assert said["backchannel_logout_supported"] is True


def test_every_endpoint_that_is_named_is_there(client, db):
    said = client.get(DISCOVERY).json()
    endpoints = {name: url for name, url in said.items() if name.endswith(("_endpoint", "_uri"))}

    # A grant's own id stands behind this one.
    del endpoints["grant_management_endpoint"]
    for name, url in endpoints.items():
        assert url.startswith(settings.ISSUER), name
        assert client.get(url.removeprefix(settings.ISSUER)).status_code != 404, name
    assert "userinfo_endpoint" in endpoints
    assert "end_session_endpoint" in endpoints


def test_a_weak_signature_is_never_offered(client, db):
    said = client.get(DISCOVERY).json()

    assert set(said["id_token_signing_alg_values_supported"]) == {"ES256", "PS256", "EdDSA"}


@pytest.mark.parametrize(
    "address", [DISCOVERY, "/.well-known/oauth-protected-resource"], ids=["server", "resource"]
)
def test_it_asks_no_database_and_may_be_kept_and_read_from_anywhere(
    client, db, django_assert_num_queries, address
):
    client.get(address)
    with django_assert_num_queries(0):
        answer = client.get(address)

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "max-age=3600" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer


def test_a_resource_says_who_issues_its_tokens(client, db):
    said = client.get("/.well-known/oauth-protected-resource").json()

    assert said["resource"] == settings.ISSUER
    assert said["authorization_servers"] == [settings.ISSUER]
    assert said["bearer_methods_supported"] == ["header"]


def test_the_gateway_below_us_has_a_description_of_its_own(client, db):
    path = settings.GATEWAY_URL.removeprefix(settings.ISSUER)

    said = client.get(f"/.well-known/oauth-protected-resource{path}").json()

    assert said["resource"] == settings.GATEWAY_URL


@pytest.mark.parametrize("path", ["other", "sandbox/", "https://evil.example"])
def test_what_is_no_resource_of_ours_has_none(client, db, path):
    answer = client.get(f"/.well-known/oauth-protected-resource/{path}")

    assert answer.status_code == 404
