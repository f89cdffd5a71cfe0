"""Signed answers to authorization requests (JARM, FAPI 2.0 Message Signing §5.4)."""

from __future__ import annotations

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet

from partners.applications.profiles import Profile
from tests.factories.oauth import CALLBACK, answer_of

MODES = ["jwt", "query.jwt"]


def claims_of(answer):
    """Return what the one parameter of an answer says, read as a client reads it."""
    assert answer.status_code == 303
    assert answer["Location"].startswith(CALLBACK + "?")
    told = answer_of(answer)
    assert list(told) == ["response"]
    keys = KeySet.import_key_set(Browser().get("/oauth/jwks").json())
    return jwt.decode(told["response"], keys, algorithms=["ES256"]).claims


@pytest.fixture
def signing(world):
    """Return the world after its client has been told to take signed answers only."""
    world.client.profile = Profile.FAPI2_MESSAGE_SIGNING
    world.client.save()
    return world


@pytest.mark.parametrize("mode", MODES)
def test_ms2_the_answer_is_one_signed_parameter(world, mode):
    with time_machine.travel(timezone.now(), tick=False):
        answer = world.decide(world.ask(response_mode=mode))
        told = claims_of(answer)
        now = timezone.now().timestamp()

    code = told.pop("code")
    assert 0 < told.pop("exp") - now <= 600
    assert told == {
        "iss": settings.ISSUER,
        "aud": world.client.client_id,
        "state": world.request()["state"],
    }
    assert world.exchange(code).status_code == 200


@pytest.mark.parametrize("mode", MODES)
def test_ms2_f27_a_refusal_is_signed_too(world, mode):
    told = claims_of(world.decide(world.ask(response_mode=mode), "deny"))

    assert told["error"] == "access_denied"
    assert told["state"] == world.request()["state"]
    assert (told["iss"], told["aud"]) == (settings.ISSUER, world.client.client_id)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "other:read"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "consent_required"),
    ],
)
def test_ms2_b14_errors_are_signed_and_say_who_says_so(world, changes, error):
    told = claims_of(world.ask(response_mode="jwt", **changes))

    assert (told["error"], told["iss"]) == (error, settings.ISSUER)


def test_ms2_a_pushed_request_is_answered_as_it_asked(world):
    told = claims_of(world.decide(world.open(world.pushed(response_mode="jwt"))))

    assert "code" in told


@pytest.mark.parametrize(
    "mode", ["form_post", "form_post.jwt", "fragment", "fragment.jwt", "web_message"]
)
def test_other_modes_are_refused_in_a_plain_query(world, mode):
    told = answer_of(world.ask(response_mode=mode))

    assert (told["error"], told["iss"]) == ("invalid_request", settings.ISSUER)


def test_ms2_who_must_take_signed_answers_gets_no_other(signing):
    told = claims_of(signing.ask(state="s"))

    assert (told["error"], told["state"]) == ("invalid_request", "s")


def test_ms2_the_metadata_name_modes_and_algorithms(client, db):
    told = client.get("/.well-known/oauth-authorization-server").json()

    assert told["response_modes_supported"] == ["query", "query.jwt", "jwt"]
    assert told["authorization_signing_alg_values_supported"] == ["ES256"]
