from __future__ import annotations

import json

import pytest

from consent.keys import actions, jws
from portal.access.actors import SYSTEM

pytestmark = pytest.mark.django_db


def test_the_jwks_is_public_and_may_be_kept_for_less_than_the_lead(client, settings):
    response = client.get("/oauth/jwks")

    assert response.status_code == 200
    assert response.json() == jws.jwks()
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == f"public, max-age={settings.JWKS_MAX_AGE}"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.cookies
    assert settings.KEY_LEAD.total_seconds() > settings.JWKS_MAX_AGE


def test_whoever_has_it_already_is_told_so(client):
    etag = client.get("/oauth/jwks")["ETag"]

    again = client.get("/oauth/jwks", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"].startswith("public")

    actions.compromise(jws.jwks()["keys"][0]["kid"], by=SYSTEM, reason="test")
    assert client.get("/oauth/jwks", headers={"If-None-Match": etag}).status_code == 200


def test_a_warm_jwks_asks_no_database(warm_ring, client, django_assert_num_queries):
    client.get("/oauth/jwks")

    with django_assert_num_queries(0):
        client.get("/oauth/jwks")


def test_it_is_only_for_reading(client):
    assert client.head("/oauth/jwks").status_code == 200
    for method in (client.post, client.put, client.delete):
        assert method("/oauth/jwks").status_code == 405


def test_no_private_member_leaves(client):
    jws.sign({}, typ="x", algorithm="PS256")

    members = {
        name for key in json.loads(client.get("/oauth/jwks").content)["keys"] for name in key
    }
    assert members == {"kty", "crv", "x", "y", "n", "e", "kid", "alg", "use"}
