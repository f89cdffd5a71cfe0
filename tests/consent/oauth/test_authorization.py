"""Reading requests and writing answers, without HTTP and without a database."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.oauth import pkce
from consent.oauth.authorization import (
    AuthorizationRequest,
    ReturnAddress,
    read_request,
    return_address,
)
from consent.oauth.errors import InvalidRedirectUri
from consent.oauth.parameters import read_parameters
from consent.proofs.errors import InvalidRequest, OAuthError
from tests.factories.oauth import CALLBACK, CHALLENGE, VERIFIER

OFFERED = {"need:read", "extra:read"}
GOOD = {
    "response_type": "code",
    "client_id": "app",
    "redirect_uri": CALLBACK,
    "scope": "need:read extra:read",
    "state": "xyz",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def read(**changes: str) -> AuthorizationRequest:
    return read_request(read_parameters(urlencode(GOOD | changes)), offered=OFFERED)


def test_a_good_request_is_read_and_kept_as_it_is():
    request = read()

    assert request.scopes == ("need:read", "extra:read")
    assert AuthorizationRequest.from_json(request.as_json()) == request


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "abc"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "="}, "invalid_request"),
        ({"code_challenge": "a" * 129}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "need:read  extra:read"}, "invalid_scope"),
        ({"scope": "need:read other:read"}, "invalid_scope"),
        ({"scope": 'need:read "'}, "invalid_scope"),
        ({"scope": " ".join(f"s{n}" for n in range(41))}, "invalid_scope"),
        ({"state": "s" * 2049}, "invalid_request"),
        ({"state": "ü" * 1025}, "invalid_request"),
        ({"nonce": "n" * 256}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "9" * 10}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"login_hint": "a" * 256}, "invalid_request"),
        ({"ui_locales": "a" * 256}, "invalid_request"),
        ({"dpop_jkt": "a" * 42}, "invalid_request"),
        ({"dpop_jkt": "a" * 42 + "="}, "invalid_request"),
        ({"request_uri": "https://app.example/r"}, "request_uri_not_supported"),
    ],
)
def test_what_the_client_must_hear(changes, code):
    with pytest.raises(OAuthError) as refused:
        read(**changes)

    assert refused.value.code == code
    # RFC 6749 §4.1.2.1: the words that go on the wire are plain ASCII without quotes.
    assert str(refused.value).isascii()
    assert not set(str(refused.value)) & set('"\\')


def test_what_else_a_request_says_is_kept_too():
    request = read(
        prompt="login consent",
        max_age="0",
        login_hint="leila@example.net",
        ui_locales="lt en",
        id_token_hint="a.b.c",
        dpop_jkt="j" * 43,
        response_mode="jwt",
    )

    assert (request.prompt, request.max_age) == (("login", "consent"), 0)
    assert request.is_signed
    assert AuthorizationRequest.from_json(json.loads(json.dumps(request.as_json()))) == request


def test_a_request_that_was_kept_before_it_could_say_more_is_still_read():
    kept = {name: read().as_json()[name] for name in ("client_id", "redirect_uri", "state")}

    request = AuthorizationRequest.from_json(
        {**kept, "scopes": ["need:read"], "code_challenge": CHALLENGE}
    )

    assert (request.scopes, request.prompt, request.is_signed) == (("need:read",), (), False)


OPENED = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "minutes_before", "will_do"),
    [
        ({}, 600, True),
        ({}, None, True),
        ({"prompt": "consent"}, 600, True),
        ({"prompt": "login"}, None, False),
        ({"prompt": "login"}, 1, False),
        ({"prompt": "login"}, 0, True),
        ({"prompt": "login"}, -1, True),
        ({"prompt": "login", "max_age": "3600"}, 1, False),
        ({"max_age": "3600"}, 59, True),
        ({"max_age": "3600"}, 61, False),
        ({"max_age": "3600"}, None, False),
        ({"max_age": "0"}, 1, False),
        # Signed in for this very request: to ask again and again would help nobody.
        ({"max_age": "0"}, -1, True),
    ],
)
def test_which_sign_in_will_do(changes, minutes_before, will_do):
    signed_in_at = None
    if minutes_before is not None:
        signed_in_at = OPENED - timedelta(minutes=minutes_before)

    answer = read(**changes).accepts_sign_in(
        signed_in_at, opened_at=OPENED, at=max(OPENED, signed_in_at or OPENED)
    )

    assert answer is will_do


@pytest.mark.parametrize("name", sorted(GOOD))
def test_b22_a_repeated_parameter_is_refused(name):
    raw = urlencode(GOOD) + "&" + urlencode({name: GOOD[name]})

    with pytest.raises(InvalidRequest):
        read_request(read_parameters(raw), offered=OFFERED)


@pytest.mark.parametrize(
    "raw",
    ["a=%zz", "a=%", "a=%ff", "a=%00", "%00=a", "a=ü", "a=" + "x" * 4097, "&".join(["a=1"] * 41)],
)
def test_what_is_not_form_encoded_is_refused(raw):
    with pytest.raises(InvalidRequest):
        read_parameters(raw)


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://app.example/callback/",
        "https://app.example/Callback",
        "https://APP.example/callback",
        "https://app.example:443/callback",
        "https://app.example/callback?",
        "https://app.example/callback#",
        "https://app.example/callback;x",
        "https://app.example/%63allback",
        "https://x@app.example/callback",
        "http://app.example/callback",
        "https://app.example\\callback",
        "https://app.example/callback/../callback",
        "javascript:alert(1)",
        "https://app.example/%2e/callback",
        "https://app.example./callback",
        "https://app.example/callback%00",
        "https://app.example\t/callback",
        "https://app.example@evil.example/callback",
        "https://app.ex\u0430mple/callback",
        "//app.example/callback",
        "https://[::1]/callback",
    ],
    ids=ascii,
)
def test_b1_a_redirect_uri_is_compared_character_by_character(redirect_uri):
    parameters = read_parameters(urlencode(GOOD | {"redirect_uri": redirect_uri}))

    with pytest.raises(InvalidRedirectUri):
        return_address(parameters, is_registered=CALLBACK.__eq__)


@pytest.mark.parametrize(
    ("redirect_uri", "source"),
    [
        ("https://app.example/callback?a=1", "https://app.example"),
        ("https://app.example:8443/", "https://app.example:8443"),
        ("http://127.0.0.1:5000/callback", "http://127.0.0.1:5000"),
        ("http://[::1]:5000/callback", "http://*:5000"),
        ("http://[::1]/callback", "http://*"),
    ],
)
def test_the_source_of_a_return_address_is_one_that_browsers_can_read(redirect_uri, source):
    assert ReturnAddress(redirect_uri).form_source == source


def test_a_repeated_redirect_uri_is_never_followed():
    parameters = read_parameters(urlencode(GOOD) + "&" + urlencode({"redirect_uri": CALLBACK}))

    with pytest.raises(InvalidRequest):
        return_address(parameters, is_registered=CALLBACK.__eq__)


@given(state=st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=200))
def test_the_state_comes_back_byte_for_byte(state):
    address = ReturnAddress(CALLBACK, state)

    location = address.answer(issuer="https://portal.example", code="c")

    assert location.isascii()
    answer = parse_qs(urlsplit(location).query, strict_parsing=True, keep_blank_values=True)
    assert answer == {"state": [state], "iss": ["https://portal.example"], "code": ["c"]}


def test_the_registered_query_stays_in_front_of_the_answer():
    address = ReturnAddress("https://app.example/cb?a=%20b&c=1+2", "s")

    location = address.answer(issuer="https://portal.example", error="access_denied")

    assert location.startswith("https://app.example/cb?a=%20b&c=1+2&error=access_denied&state=s&")


@given(st.text(max_size=400))
def test_nothing_that_is_sent_breaks_the_reader(raw):
    with contextlib.suppress(OAuthError):
        read_request(read_parameters(raw), offered=OFFERED)


def test_only_the_verifier_of_the_challenge_proves_it():
    assert pkce.proves(VERIFIER, CHALLENGE)
    assert not pkce.proves("w" * 43, CHALLENGE)
    assert not pkce.proves("v" * 42, CHALLENGE)
    assert not pkce.proves("", CHALLENGE)
    assert not pkce.proves("v" * 129, CHALLENGE)
