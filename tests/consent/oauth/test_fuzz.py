"""Whatever the parameters are: no crash, a known error, no other address, no secret said back."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.proofs.errors import OAuthError
from tests.factories.oauth import CALLBACK, CHALLENGE, FORM, VERIFIER
from tests.factories.openid import GOODBYE, make_openid_world, tokens_of

fixed = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6, RFC 7009 §2.2.1, RFC 8628 §3.5,
# RFC 9396, RFC 9449.
KNOWN_ERRORS = {
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "access_denied",
    "unsupported_grant_type", "unsupported_response_type", "invalid_scope", "login_required",
    "consent_required", "request_not_supported", "request_uri_not_supported", "invalid_target",
    "unsupported_token_type", "invalid_dpop_proof", "use_dpop_nonce", "invalid_request_uri",
    "invalid_request_object",
    "authorization_pending", "slow_down", "expired_token",
    "temporarily_unavailable", "invalid_authorization_details", "interaction_required",
    "invalid_grant_id", "invalid_token", "insufficient_scope", "cursor_too_old",
}  # fmt: skip
WORDS = {
    "response_type": ["code", "token", "code id_token", "none"],
    "response_mode": ["query", "fragment", "form_post"],
    "redirect_uri": [CALLBACK, "https://evil.example/", CALLBACK + "/", "javascript:alert(1)"],
    "scope": ["need:read", "open:read", "need:read extra:read", "openid", "other:read"],
    "state": ["s", "s" * 3000],
    "nonce": ["n", "n" * 300],
    "prompt": ["none", "login", "none login"],
    "code_challenge": [CHALLENGE, "x" * 43],
    "code_challenge_method": ["S256", "plain"],
    "request": ["e30.e30."],
    "request_uri": ["urn:ietf:params:oauth:request_uri:x", "https://evil.example/jwt"],
    "grant_type": ["authorization_code", "refresh_token", "client_credentials", "password",
                   "implicit", "urn:ietf:params:oauth:grant-type:device_code"],
    "code": ["mac_" + "a" * 43],
    "device_code": ["mdc_" + "a" * 43],
    "code_verifier": [VERIFIER, "v"],
    "refresh_token": ["mrt_" + "a" * 43],
    "token": ["mat_" + "a" * 43, "mrt_" + "a" * 43],
    "token_type_hint": ["access_token", "refresh_token"],
    "client_secret": ["mrs_guess"],
    "username": ["leila"],
    "password": ["a long enough password"],
    "authorization_details": ["[]", "{", "[" * 2000],
    "intent": ["00000000-0000-4000-8000-000000000000"],
    "decision": ["allow", "deny"],
    "until": ["90", "-1"],
    "g": ["extra:read", "other:read"],
}  # fmt: skip
junk = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["\x00", "a\x00b", "\ud800", "\udfff\ud800", "x" * 5000, "%", "%zz", "é", "💊"]
    ),
    st.integers().map(str),
)


@pytest.fixture
def signed_in_world(db):
    world = make_openid_world()
    return world, tokens_of(world)


def _escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@st.composite
def forms(draw, client_id: str) -> str:
    """Return a form body: sound parts and junk, some twice, some badly encoded."""
    words = {**WORDS, "client_id": [client_id, "nobody"]}
    names = st.one_of(st.sampled_from(sorted(words)), junk)
    pairs = []
    for name in draw(st.lists(names, max_size=12)):
        known = words.get(name)
        value = draw(st.one_of(st.sampled_from(known), junk) if known else junk)
        pairs.append(f"{_escaped(name)}={_escaped(value)}")
    ends = ["", "", "", "&", "&a", "&=", "&%", "&%ff=%fe", "&a=%00", ";a=b", "\xff"]
    return "&".join(pairs) + draw(st.sampled_from(ends))


def sound(world, **also: str) -> st.SearchStrategy[str]:
    """Return forms that begin soundly, so that more than the first check is met."""
    start = urlencode({"client_id": world.client.client_id, **also})
    return forms(world.client.client_id).map(lambda rest: f"{start}&{rest}")


def assert_goes_nowhere_else(answer) -> None:
    """Look at where the browser is sent: to us, or exactly to the registered address."""
    assert answer.status_code < 500
    if "Location" not in answer:
        return
    at = answer["Location"]
    assert at.startswith((f"{CALLBACK}?", "/sign-in/?next=", "/oauth/authorize"))


@fixed
@given(data=st.data(), signed_in=st.booleans())
def test_authorize_by_get(world, data, signed_in):
    some = forms(world.client.client_id)
    start = sound(world, redirect_uri=CALLBACK)
    whole = sound(world, **{k: v for k, v in world.request().items() if k != "client_id"})
    query = data.draw(st.one_of(some, start, whole))
    browser = world.browser if signed_in else Browser()

    with transaction.atomic():
        answer = browser.generic("GET", "/oauth/authorize", QUERY_STRING=query)
        transaction.set_rollback(True)

    assert_goes_nowhere_else(answer)
    assert answer.status_code in {200, 302, 303, 400, 403, 405}


@fixed
@given(data=st.data())
def test_authorize_by_post(world, data):
    page = world.ask()
    intent = str(page.context["intent"].pk) if page.context else ""
    some = forms(world.client.client_id)
    body = data.draw(st.one_of(some, some.map(lambda rest: f"intent={intent}&{rest}")))
    kind = data.draw(st.sampled_from([FORM, FORM, "multipart/form-data; boundary=x", "text/plain"]))

    with transaction.atomic():
        answer = world.browser.generic("POST", "/oauth/authorize", body.encode(), content_type=kind)
        transaction.set_rollback(True)

    assert_goes_nowhere_else(answer)


@fixed
@given(data=st.data())
@pytest.mark.parametrize("path", ["par", "token", "introspect", "revoke", "device_authorization"])
def test_the_endpoints_of_programs(world, path, data):
    some = forms(world.client.client_id)
    grants = [
        sound(world, grant_type=grant, client_secret=world.secret) for grant in WORDS["grant_type"]
    ]
    tokens = sound(world, token="mat_x", client_secret=world.secret)
    body = data.draw(st.one_of(some, tokens, *grants))
    kind = data.draw(
        st.sampled_from(
            [FORM, FORM, FORM, FORM + "; charset=utf-7", "application/json", "", "\xff"]
        )
    )
    proof = data.draw(
        st.sampled_from(
            [world.basic, None, "Basic", "Basic =", "Basic Og==", "Bearer x", "Basic \xff"]
        )
    )
    headers = {} if proof is None else {"Authorization": proof}
    method = data.draw(st.sampled_from(["POST", "POST", "POST", "GET", "PUT"]))

    with transaction.atomic():
        answer = Browser().generic(
            method, f"/oauth/{path}", body.encode(), content_type=kind, headers=headers
        )
        transaction.set_rollback(True)

    assert answer.status_code in {200, 201, 400, 401, 405, 413}
    assert "Location" not in answer
    said = answer.content.decode()
    assert world.secret not in said
    if answer.status_code in {200, 201}:
        return
    told = json.loads(said)
    assert told["error"] in KNOWN_ERRORS
    assert set(told) <= {"error", "error_description", "error_uri", "state"}
    assert answer["Cache-Control"] == "no-store"


@fixed
@given(data=st.data())
def test_userinfo(signed_in_world, data):
    """Whatever is shown, and wherever: it tells of nobody, or of whom a good token speaks."""
    world, tokens = signed_in_world
    good = tokens["access_token"]
    shown = data.draw(
        st.one_of(
            st.sampled_from([f"Bearer {good}", f"DPoP {good}", f"bearer  {good}", good, ""]),
            junk.map(lambda rest: f"Bearer {_escaped(rest)}"),
            junk.map(lambda rest: f"DPoP mat_{_escaped(rest)}"),
        )
    )
    proof = data.draw(st.sampled_from([None, "", "x", "e30.e30.", ",", "\xff", "x" * 9000]))
    headers = {"Authorization": shown} | ({} if proof is None else {"DPoP": proof})
    method = data.draw(st.sampled_from(["GET", "POST", "PUT"]))
    body = data.draw(forms(world.client.client_id))

    with transaction.atomic():
        answer = Browser().generic(
            method, "/oauth/userinfo", body.encode(), content_type=FORM, headers=headers
        )
        transaction.set_rollback(True)

    assert answer.status_code in {200, 401, 403, 405}
    if answer.status_code == 405:
        return
    assert answer["Cache-Control"] == "no-store"
    if answer.status_code == 200:
        assert (good in shown, set(answer.json())) == (True, {"sub"})
    else:
        assert answer.json()["error"] in KNOWN_ERRORS
        assert "WWW-Authenticate" in answer


@fixed
@given(data=st.data(), signed_in=st.booleans())
def test_logout(signed_in_world, data, signed_in):
    """Whatever is asked: signed out, asked, told why not, or sent to the registered address."""
    world, tokens = signed_in_world
    words = {"client_id": world.client.client_id, "post_logout_redirect_uri": GOODBYE}
    hint = data.draw(st.sampled_from([tokens["id_token"], "x.y.z", ""]))
    some = forms(world.client.client_id)
    start = urlencode(words | {"id_token_hint": hint})
    raw = data.draw(st.one_of(some, some.map(lambda rest: f"{start}&{rest}"), st.just(start)))
    method = data.draw(st.sampled_from(["GET", "POST"]))
    sent = {"QUERY_STRING": raw} if method == "GET" else {"data": raw.encode()}
    browser = Browser()
    if signed_in:
        browser.cookies = world.browser.cookies

    with transaction.atomic():
        answer = browser.generic(method, "/oauth/logout", content_type=FORM, **sent)
        transaction.set_rollback(True)

    assert answer.status_code in {200, 303, 400}
    if "Location" in answer:
        assert answer["Location"].startswith((GOODBYE, "/oauth/logout?"))


def test_every_error_of_ours_is_a_known_one():
    ours = {one.code for one in _all(OAuthError)}

    # Said on our own page, never on the wire.
    assert ours - {"invalid_redirect_uri"} <= KNOWN_ERRORS


def _all(kind: type[OAuthError]) -> set[type[OAuthError]]:
    return {kind}.union(*(_all(one) for one in kind.__subclasses__()))
