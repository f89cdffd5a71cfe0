"""UserInfo (OpenID Connect Core §5.3): which token opens it, and how little it says."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement, Pseudonym
from consent.oauth.models import AccessToken
from consent.proofs.possession import fresh_nonce
from partners.organizations.actors import actor_of
from tests.factories.fapi import FapiWorld, make_fapi_world
from tests.factories.openid import make_openid_world, tokens_of

URL = f"{settings.ISSUER}/oauth/userinfo"


@pytest.fixture
def world(db):
    return make_openid_world()


@pytest.fixture
def bound(db):
    """Return a client whose tokens are bound to a key, and one of its tokens."""
    world = make_fapi_world()
    return world, tokens_of(world)["access_token"]


def ask(client, token, *, scheme="Bearer", method="GET", **headers):
    headers = {"Authorization": f"{scheme} {token}", **headers}
    return client.generic(method, "/oauth/userinfo", headers=headers)


def ask_bound(client, world: FapiWorld, token: str, *, method: str = "GET", **claims):
    proof = world.proof(method, URL, token=token, **claims)
    return ask(client, token, scheme="DPoP", method=method, DPoP=proof)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_with_openid_says_the_pseudonym_and_nothing_else(world, client, method):
    token = tokens_of(world)["access_token"]

    answer = ask(client, token, method=method)

    assert answer.status_code == 200
    assert answer.json() == {"sub": str(Pseudonym.objects.get().subject)}
    assert answer["Cache-Control"] == "no-store"


def test_it_takes_two_statements(world, client, django_assert_num_queries):
    token = tokens_of(world)["access_token"]

    with django_assert_num_queries(2):
        ask(client, token)


def test_who_shows_nothing_is_told_how_and_no_error(client, db):
    answer = client.get("/oauth/userinfo")

    challenge = answer["WWW-Authenticate"]
    assert answer.status_code == 401
    assert challenge.startswith("Bearer ")
    assert ", DPoP " in challenge
    assert "error=" not in challenge
    assert f'resource_metadata="{settings.ISSUER}/.well-known/oauth-protected-resource"' in (
        challenge
    )


@pytest.mark.parametrize("token", ["mat_nothing", "eyJ.e.e", "x", "mat_é", "mat_" + "x" * 9000])
def test_an_unknown_token_is_invalid(client, db, token):
    answer = client.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith('Bearer realm="meridian", error="invalid_token"')


def test_a_token_without_openid_is_not_enough(world, client):
    answer = ask(client, tokens_of(world, scope="need:read")["access_token"])

    assert answer.status_code == 403
    assert 'error="insufficient_scope", scope="openid"' in answer["WWW-Authenticate"]


def test_a_token_in_the_address_or_the_body_is_not_read(world, client):
    token = tokens_of(world)["access_token"]

    in_address = client.get("/oauth/userinfo", {"access_token": token})
    in_body = client.post("/oauth/userinfo", {"access_token": token})

    assert [in_address.status_code, in_body.status_code] == [401, 401]


def test_an_expired_a_revoked_and_a_withdrawn_token_tell_nothing(world, client):
    expired = tokens_of(world)["access_token"]
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert ask(client, expired).status_code == 401
    revoked = tokens_of(world)["access_token"]
    world.post("/oauth/revoke", token=revoked)
    assert ask(client, revoked).status_code == 401
    withdrawn = tokens_of(world)["access_token"]
    withdraw_arrangement(Arrangement.objects.get(), by=actor_of(world.customer.user))
    assert ask(client, withdrawn).status_code == 401


def test_a_closed_account_is_nobody(world, client):
    token = tokens_of(world)["access_token"]
    world.customer.user.is_active = False
    world.customer.user.save()

    assert ask(client, token).status_code == 401


# --- Tokens that are bound to a key: the rules of the gateway -------------------------------------


def test_a_bound_token_comes_with_its_proof(bound, client):
    world, token = bound

    assert ask_bound(client, world, token).status_code == 200
    assert ask_bound(client, world, token, method="POST").status_code == 200


def test_a_bound_token_is_no_bearer_token(bound, client):
    _, token = bound

    answer = ask(client, token)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith('DPoP realm="meridian", error="invalid_token"')
    assert 'algs="ES256 PS256 EdDSA"' in answer["WWW-Authenticate"]


def test_a_bound_token_without_a_proof_is_refused(bound, client):
    _, token = bound

    answer = ask(client, token, scheme="DPoP")

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize(
    "changes",
    [{"htm": "POST"}, {"htu": f"{settings.ISSUER}/oauth/token"}, {"ath": "x" * 43}, {"iat": 1}],
    ids=["method", "address", "token", "old"],
)
def test_a_proof_of_something_else_is_refused(bound, client, changes):
    world, token = bound

    answer = ask_bound(client, world, token, **changes)

    assert answer.status_code == 401
    assert 'DPoP realm="meridian", error="invalid_dpop_proof"' in answer["WWW-Authenticate"]


def test_whatever_else_is_wrong_with_a_bound_token_the_challenge_is_dpop(bound, client):
    """RFC 9449 §7.1: who came with a proof is told to come back with one."""
    world, token = bound
    AccessToken.objects.update(scope="need:read")
    lacking = ask_bound(client, world, token)
    AccessToken.objects.update(revoked_at=timezone.now())
    revoked = ask_bound(client, world, token)

    for answer, status, error in (
        (lacking, 403, "insufficient_scope"),
        (revoked, 401, "invalid_token"),
    ):
        challenge = answer["WWW-Authenticate"]
        assert answer.status_code == status
        assert challenge.startswith(f'DPoP realm="meridian", error="{error}"')
        assert "Bearer" not in challenge


def test_a_token_of_a_certificate_is_asked_for_as_bearer(world, client):
    token = tokens_of(world)["access_token"]
    AccessToken.objects.update(x5t_s256="A" * 43)

    answer = ask(client, token)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith('Bearer realm="meridian", error="invalid_token"')


def test_a_proof_works_once(bound, client):
    world, token = bound
    proof = world.proof("GET", URL, token=token)

    answers = [ask(client, token, scheme="DPoP", DPoP=proof).status_code for _ in range(2)]

    assert answers == [200, 401]


def test_a_bearer_token_is_not_taken_as_dpop(world, client):
    token = tokens_of(world)["access_token"]

    answer = ask(client, token, scheme="DPoP", DPoP=fresh_nonce())

    assert answer.status_code == 401
    assert AccessToken.objects.get().revoked_at is None


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_nothing_else_can_be_done_here(client, db, method):
    assert client.generic(method, "/oauth/userinfo").status_code == 405


def test_a_token_for_named_apis_is_not_for_us(world, client):
    token = tokens_of(world)["access_token"]
    AccessToken.objects.update(resource=[settings.GATEWAY_URL])

    answer = ask(client, token)

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
