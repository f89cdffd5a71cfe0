"""The rows of RFC 9700 and FAPI 2.0 that are about all endpoints rather than one of them.

B1 and the like are rows of the checklist for RFC 9700, F1 and the like of the one for FAPI 2.0; the
other rows are tests of the endpoint that they are about, under the same names.
"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client as Browser

from consent.oauth.models import RefreshToken
from partners.applications.redirects import may_go_live
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import answer_of, make_world

DISCOVERY = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]


@pytest.fixture(params=[make_world, make_fapi_world], ids=["sandbox", "fapi2"])
def world(request, db):
    return request.param()


def metadata() -> dict:
    return Browser().get(DISCOVERY[0]).json()


def test_b9_a_code_is_for_the_redirect_uri_that_it_went_to(world):
    code = world.code()

    answer = world.exchange(code, redirect_uri="https://app.example/other")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert world.exchange(code).status_code == 200


def test_b14_f15_every_answer_names_the_issuer(world):
    allowed = answer_of(world.decide(world.ask(), g=[]))
    denied = answer_of(world.decide(world.ask(state="another"), "deny"))
    silent = answer_of(world.ask(prompt="none"))

    assert allowed["code"]
    assert (denied["error"], silent["error"]) == ("access_denied", "consent_required")
    assert {one["iss"] for one in (allowed, denied, silent)} == {settings.ISSUER}
    assert metadata()["authorization_response_iss_parameter_supported"] is True


def test_b18_nothing_leaves_the_page_on_which_a_customer_decides(world):
    page = world.ask()

    assert page["Referrer-Policy"] in {"no-referrer", "same-origin"}
    policy = page["Content-Security-Policy"]
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    for directive in policy.split(";"):
        if not directive.strip().startswith("form-action"):
            assert "//" not in directive, directive


def test_b19_a_token_names_who_may_accept_it(world):
    token = world.exchange(world.code()).json()["access_token"]

    assert world.post("/oauth/introspect", token=token).json()["aud"] == [settings.GATEWAY_URL]


def test_b21_what_a_proxy_would_say_is_not_believed_from_a_stranger(world):
    spoofed = {"X-Forwarded-Host": "evil.example", "X-SSL-Client-Cert": "x", "Forwarded": "host=e"}

    told = Browser().get(DISCOVERY[0], headers=spoofed).json()

    assert told == metadata()
    assert told["issuer"] == settings.ISSUER
    form = f"grant_type=client_credentials&client_id={world.client.client_id}&scope=open:read"
    answer = Browser().post(
        "/oauth/token", form, content_type="application/x-www-form-urlencoded", headers=spoofed
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_b23_no_answer_with_a_secret_is_stored(world):
    token = world.exchange(world.code())
    answers = [
        token,
        world.post(grant_type="password"),
        world.post("/oauth/introspect", token=token.json()["access_token"]),
        world.post("/oauth/par", **world.request()),
        world.post("/oauth/revoke", token=token.json()["access_token"]),
    ]

    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}


def test_b25_a_refusal_challenges_in_the_scheme_that_was_tried(db):
    world = make_world()
    world.secret = "mrs_wrong"

    tried = world.post(grant_type="client_credentials", scope="open:read")

    assert tried.status_code == 401
    assert tried["WWW-Authenticate"].startswith("Basic ")
    untried = world.post(basic=False, client_id=world.client.client_id, client_secret="mrs_no")
    assert "WWW-Authenticate" not in untried


def test_b26_the_metadata_say_what_is_enforced(world):
    assert metadata()["code_challenge_methods_supported"] == ["S256"]

    for method in ("plain", "S512", ""):
        answer = world.post("/oauth/par", **world.request(code_challenge_method=method))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_b27_a_narrower_refresh_does_not_shrink_what_was_given(world):
    body = world.exchange(world.code("extra:read")).json()

    narrow = world.refresh(body["refresh_token"], scope="need:read").json()

    assert narrow["scope"] == "need:read"
    kept = RefreshToken.objects.get(revoked=None).scope.split()
    assert set(kept) == {"need:read", "extra:read", "open:read"}
    wide = world.refresh(narrow["refresh_token"]).json()
    assert set(wide["scope"].split()) == {"need:read", "extra:read", "open:read"}


@pytest.mark.parametrize("address", DISCOVERY)
def test_f1_the_documents_are_valid_and_of_this_issuer(db, address):
    told = Browser().get(address).json()

    assert told["issuer"] == settings.ISSUER
    for name in ("authorization", "token", "pushed_authorization_request", "introspection"):
        assert told[f"{name}_endpoint"].startswith(f"{settings.ISSUER}/oauth/")
    assert told["response_types_supported"] == ["code"]
    assert "none" not in told["token_endpoint_auth_methods_supported"]
    assert "RS256" not in str(told)


def test_f16_no_customer_is_sent_over_plain_http(settings):
    settings.DEMO, settings.IS_SECURE = False, True

    assert may_go_live("https://app.example/callback")
    assert not may_go_live("http://app.example/callback")
    assert not may_go_live("http://127.0.0.1/callback")


def test_f18_the_way_back_is_a_303(world):
    assert world.decide(world.ask(), g=[]).status_code == 303
    assert world.decide(world.ask(state="another"), "deny").status_code == 303
    assert world.ask(prompt="none").status_code == 303
