"""The token endpoint for a client of the `fapi2` profile: F2 to F9, F22, F23 and RFC 9068."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone
from joserfc.jwk import ECKey

from consent.arrangements.models import Pseudonym
from consent.keys import jws
from consent.oauth.models import AccessToken, Grant, RefreshToken
from consent.proofs.possession import fresh_nonce
from partners.applications.profiles import Profile
from tests.factories.fapi import make_fapi_world

TOKEN = f"{settings.ISSUER}/oauth/token"


@pytest.fixture
def world(db):
    return make_fapi_world()


def own_token(world, **how):
    return world.post(grant_type="client_credentials", scope="open:read", **how)


# --- Who asks ------------------------------------------------------------------------------------


def test_f2_a_key_proves_who_asks(world):
    answer = own_token(world)

    assert answer.status_code == 200, answer.content
    assert answer.json()["token_type"] == "DPoP"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": TOKEN},
        {"aud": [settings.ISSUER]},
        {"aud": "https://other.example"},
        {"sub": "another"},
        {"iss": "another"},
        {"exp": 1},
    ],
    ids=["f4-endpoint", "f4-array", "other", "sub", "iss", "over"],
)
def test_f4_an_assertion_is_for_this_server_and_from_this_client(world, changes):
    answer = own_token(world, assertion=world.assertion(**changes))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_f2_a_secret_will_not_do(world):
    for how in (
        {"basic": True},
        {"client_id": world.client.client_id, "client_secret": world.secret},
    ):
        answer = own_token(world, assertion=None, **how)

        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_f2_an_assertion_works_once(world):
    assertion = world.assertion()

    assert own_token(world, assertion=assertion).status_code == 200
    again = own_token(world, assertion=assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


def test_f2_another_clients_key_will_not_do(world):
    world.key = ECKey.generate_key("P-256")
    world.key.ensure_kid()

    assert own_token(world).status_code == 401


def test_b24_an_assertion_beside_a_secret_is_refused(world):
    answer = own_token(world, basic=True)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_f9_a_clock_that_runs_ahead_a_little_is_forgiven(world):
    now = int(timezone.now().timestamp())

    assert own_token(world, assertion=world.assertion(iat=now + 8, nbf=now + 8)).status_code == 200
    assert own_token(world, assertion=world.assertion(iat=now + 61)).status_code == 401


# --- Which key it holds --------------------------------------------------------------------------


def test_f3_a_token_is_never_issued_to_whoever_shows_no_key(world):
    answer = own_token(world, dpop_proof=None)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


def test_f6_a_proof_carries_our_nonce(world):
    first = own_token(world, dpop_proof=world.proof("POST", TOKEN))

    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
    again = own_token(world, dpop_proof=world.proof("POST", TOKEN, nonce=first["DPoP-Nonce"]))
    assert again.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [{"htm": "GET"}, {"htu": f"{settings.ISSUER}/oauth/par"}, {"iat": 1}, {"jti": None}],
    ids=["htm", "htu", "iat", "jti"],
)
def test_a_proof_of_something_else_is_refused(world, changes):
    proof = world.proof("POST", TOKEN, nonce=fresh_nonce(), **changes)

    answer = own_token(world, dpop_proof=proof)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_proof_works_once(world):
    proof = world.proof("POST", TOKEN, nonce=fresh_nonce())

    assert own_token(world, dpop_proof=proof).status_code == 200
    again = own_token(world, dpop_proof=proof)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_dpop_proof")


def test_two_proofs_are_none(world):
    proof = world.proof("POST", TOKEN, nonce=fresh_nonce())
    other = world.proof("POST", TOKEN, nonce=fresh_nonce())

    assert own_token(world, dpop_proof=f"{proof}, {other}").status_code == 400


def test_f8_a_code_bound_to_a_key_is_for_its_holder(world):
    code = world.code()
    Grant.objects.update(jkt=world.jkt)
    mine, world.dpop_key = world.dpop_key, ECKey.generate_key("P-256")

    assert world.exchange(code).json()["error"] == "invalid_grant"

    world.dpop_key = mine
    assert world.exchange(code).status_code == 200


# --- What is issued ------------------------------------------------------------------------------


def test_rfc9068_an_access_token_says_who_may_accept_it(world):
    body = world.exchange(world.code()).json()

    claims = jws.read(body["access_token"], typ="at+jwt")

    assert claims.pop("exp") - claims.pop("iat") in {299, 300}
    assert len(claims.pop("jti")) >= 22
    assert claims == {
        "iss": settings.ISSUER,
        "sub": str(Pseudonym.objects.get().subject),
        "aud": [settings.GATEWAY_URL],
        "client_id": world.client.client_id,
        "scope": "need:read open:read",
        "cnf": {"jkt": world.jkt},
    }
    assert body["access_token"] not in str(list(AccessToken.objects.values()))


def test_b20_a_clients_own_token_is_about_the_client(world):
    claims = jws.read(own_token(world).json()["access_token"], typ="at+jwt")

    assert claims["sub"] == claims["client_id"] == world.client.client_id


def test_introspection_tells_what_the_token_is_bound_to(world):
    token = own_token(world).json()["access_token"]

    told = world.post("/oauth/introspect", dpop_proof=None, token=token).json()

    assert told["active"] is True
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": world.jkt})


def test_f5_a_refresh_token_is_not_rotated_and_can_be_used_again(world):
    body = world.exchange(world.code()).json()

    answers = [world.refresh(body["refresh_token"]) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer.json()["refresh_token"] for answer in answers} == {body["refresh_token"]}
    assert RefreshToken.objects.filter(revoked=None).count() == 1
    assert len({answer.json()["access_token"] for answer in answers}) == 3


def test_f5_another_key_may_refresh_since_the_client_proves_itself(world):
    body = world.exchange(world.code()).json()
    world.dpop_key = ECKey.generate_key("P-256")

    answer = world.refresh(body["refresh_token"])

    assert jws.read(answer.json()["access_token"], typ="at+jwt")["cnf"] == {"jkt": world.jkt}


def test_f7_a_code_lasts_a_minute(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = world.code()
        clock.shift(timedelta(seconds=60))
        assert world.exchange(code).json()["error"] == "invalid_grant"


def test_f17_a_code_used_twice_ends_what_came_from_it(world):
    code = world.code()
    body = world.exchange(code).json()

    assert world.exchange(code).json()["error"] == "invalid_grant"

    told = world.post("/oauth/introspect", dpop_proof=None, token=body["access_token"])
    assert told.json() == {"active": False}
    assert world.refresh(body["refresh_token"]).status_code == 400


def test_a_sandbox_client_that_promised_proofs_has_to_send_them(world):
    world.client.profile = Profile.SANDBOX
    world.client.dpop_bound_access_tokens = True
    world.client.save()

    assert own_token(world, dpop_proof=None).json()["error"] == "invalid_dpop_proof"
    assert own_token(world).json()["token_type"] == "DPoP"
