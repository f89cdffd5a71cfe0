"""Signed authorization requests (RFC 9101, FAPI 2.0 Message Signing §5.3), pushed or not.

The reader's own matrix is in `protocol/test_request_object.py`; here it is the endpoints'.
"""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.utils import timezone
from joserfc.jwk import ECKey

from consent.oauth.models import AuthorizationIntent, PushedRequest
from partners.applications.profiles import Profile
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import CALLBACK

OTHER_KEY = ECKey.generate_key("P-256")


@pytest.fixture
def signing(db):
    return make_fapi_world(Profile.FAPI2_MESSAGE_SIGNING)


@pytest.fixture
def sandbox(db):
    return make_fapi_world(Profile.SANDBOX)


def push(world, raw, **beside):
    asked = {"client_id": world.client.client_id, "request": raw, **beside}
    return world.post("/oauth/par", dpop_proof=None, **asked)


def signed(world, **changes):
    return world.request_object(**{"response_mode": "jwt"} | world.request(**changes))


def now():
    return int(timezone.now().timestamp())


def test_ms1_a_signed_request_is_pushed_asked_and_answered(signing):
    page = signing.open(signing.pushed())

    told = signing.told(signing.decide(page))

    assert signing.exchange(told["code"]).status_code == 200
    assert told["state"] == signing.request()["state"]


def test_ms1_who_must_sign_is_refused_unsigned(signing):
    answer = signing.post("/oauth/par", dpop_proof=None, **signing.request(response_mode="jwt"))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"aud": "https://elsewhere.example"}, id="aud"),
        pytest.param({"aud": None}, id="no-aud"),
        pytest.param({"exp": None}, id="no-exp"),
        pytest.param({"exp": 1}, id="exp-over"),
        pytest.param({"nbf": None}, id="no-nbf"),
        pytest.param({"nbf": 1}, id="nbf-old"),
        pytest.param({"iss": "other"}, id="iss"),
        pytest.param({"client_id": "other"}, id="client-id"),
        pytest.param({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, id="request-uri"),
        pytest.param({"request": "x"}, id="request"),
    ],
)
def test_ms1_what_the_object_must_say(signing, claims):
    answer = push(signing, signing.request_object(**{**signing.request(), **claims}))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request_object")
    assert not PushedRequest.objects.exists()


def test_ms1_hours_that_are_too_long_or_too_early(signing):
    at = now()
    hour = 3600

    for begins, ends in ((at, at + hour + 60), (at + 90, at + 300), (at - hour - 60, at + 60)):
        answer = push(signing, signing.request_object(**signing.request(), nbf=begins, exp=ends))
        assert answer.json()["error"] == "invalid_request_object"


def test_ms1_an_array_that_holds_the_issuer_and_a_clock_that_is_ahead_will_do(signing):
    raw = signing.request_object(
        **signing.request(response_mode="jwt"),
        aud=["https://elsewhere.example", "http://testserver"],
        nbf=now() + 8,
    )

    assert push(signing, raw).status_code == 201


@pytest.mark.parametrize("kind", ["another-key", "none", "broken", "nonsense"])
def test_ms1_who_did_not_sign_it_does_not_ask_it(signing, kind):
    raw = signed(signing)
    head, body, _ = raw.split(".")
    attempt = {
        "another-key": signing.request_object(key=OTHER_KEY, **signing.request()),
        "none": f"eyJhbGciOiJub25lIn0.{body}.",
        "broken": f"{head}.{body}.{'A' * 86}",
        "nonsense": "nonsense",
    }[kind]

    answer = push(signing, attempt)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request_object")


def test_ms1_only_what_is_inside_counts(signing):
    raw = signed(signing, scope="need:read")

    answer = push(
        signing,
        raw,
        state="outside",
        scope="need:read extra:read",
        redirect_uri="https://evil.example/",
    )

    kept = PushedRequest.objects.get().parameters
    assert answer.status_code == 201
    assert kept["state"] == signing.request()["state"]
    assert (kept["scope"], kept["redirect_uri"]) == ("need:read", CALLBACK)
    assert "client_assertion" not in kept


def test_ms1_what_is_missing_inside_is_not_taken_from_outside(signing):
    answer = push(signing, signed(signing, redirect_uri=None), redirect_uri=CALLBACK)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_ms1_ms2_a_signed_request_must_ask_for_a_signed_answer(signing):
    answer = push(signing, signed(signing, response_mode="query"))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_signed_request_may_stand_in_the_address_in_the_sandbox(sandbox):
    asked = {
        "client_id": sandbox.client.client_id,
        "request": sandbox.request_object(**sandbox.request(scope="need:read")),
        "scope": "need:read extra:read",
        "state": "outside",
    }

    page = sandbox.browser.get("/oauth/authorize", asked)

    assert page.status_code == 200
    assert AuthorizationIntent.objects.get().request["scopes"] == ["need:read"]
    told = sandbox.told(sandbox.decide(page))
    assert told["state"] == sandbox.request()["state"]


def test_a_request_that_nobody_signed_sends_nobody_anywhere(sandbox):
    asked = sandbox.request(request=sandbox.request_object(key=OTHER_KEY, **sandbox.request()))

    for browser in (sandbox.browser, Browser()):
        answer = browser.get("/oauth/authorize", asked)
        assert answer.status_code == 400
        assert "invalid_request_object" in answer.content.decode()


def test_a_client_without_keys_hears_that_it_has_none(world):
    answer = world.push(request="e30.e30.e30")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request_object")


def test_request_and_request_uri_do_not_go_together(sandbox):
    answer = sandbox.open(sandbox.pushed(), request=sandbox.request_object(**sandbox.request()))

    assert answer.status_code == 400
    assert "invalid_request" in answer.content.decode()


def test_the_metadata_say_which_requests_are_read(client, db):
    told = client.get("/.well-known/oauth-authorization-server").json()

    assert told["request_parameter_supported"] is True
    assert told["request_object_signing_alg_values_supported"] == ["ES256", "PS256", "EdDSA"]
