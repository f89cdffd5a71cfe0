"""Where authorization servers have stumbled before, one test for each that no other row shows.

The numbers are those of the list of pitfalls. Races (4, 5), rows of RFC 9700 and FAPI 2.0 (6, 7, 8,
10, 11, 14, 15, 16, 17, 18, 20, 21), leaks (13) and fetched keys (24) have tests of their own.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import ProtectedError
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement
from consent.keys import jws
from consent.oauth import tokens
from consent.oauth.models import AccessToken, RefreshToken
from consent.proofs.possession import fresh_nonce
from partners.applications.actions import issue_credential
from partners.applications.models import Application, Client
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import CALLBACK, FORM, World, answer_of
from tests.factories.openid import claims_of, sign_in, tokens_of
from tests.factories.partners import ClientFactory
from tests.factories.people import member


def another(world: World) -> World:
    """Return another client in front of the same customer."""
    client = ClientFactory(production=True)
    _, secret = issue_credential(client, by=member(client.application.organization, Role.OWNER))
    return World(client, secret, world.customer, Browser())


def test_pitfall_2_a_refusal_goes_only_where_the_request_was_found_to_lead(world):
    page = world.ask()
    evil = "https://evil.example/"
    form = {
        "intent": str(page.context["intent"].pk),
        "decision": "deny",
        "redirect_uri": evil,
        "state": "another",
    }

    answer = world.browser.post(f"/oauth/authorize?redirect_uri={evil}", form)

    assert answer["Location"].startswith(f"{CALLBACK}?")
    assert answer_of(answer)["state"] == world.request()["state"]


def test_pitfall_2_what_a_partner_calls_itself_is_shown_as_text(world):
    Application.objects.filter(pk=world.client.application_id).update(name="<b>Halden</b>")

    html = world.ask().content.decode()

    assert "&lt;b&gt;Halden&lt;/b&gt;" in html
    assert "<b>Halden" not in html


def test_pitfall_3_the_issuer_is_spelled_one_way_everywhere(db):
    world = make_fapi_world()
    body = tokens_of(world)
    told = answer_of(world.decide(world.ask(state="another"), "deny"))

    found = {
        Browser().get("/.well-known/oauth-authorization-server").json()["issuer"],
        Browser().get("/.well-known/openid-configuration").json()["issuer"],
        claims_of(body["id_token"])["iss"],
        jws.read(body["access_token"], typ="at+jwt")["iss"],
        told["iss"],
    }

    assert found == {settings.ISSUER}
    assert not settings.ISSUER.endswith("/")


def test_pitfall_9_signing_in_on_the_way_gives_the_browser_another_session(world):
    browser = Browser()
    browser.get("/oauth/authorize", world.request(login_hint="leila@example.net"))
    before = browser.cookies[settings.SESSION_COOKIE_NAME].value
    whose = World(world.client, world.secret, world.customer, browser)

    after = sign_in(whose).cookies[settings.SESSION_COOKIE_NAME].value

    assert before != after
    fixed = Browser()
    fixed.cookies[settings.SESSION_COOKIE_NAME] = before
    assert fixed.get("/oauth/authorize", world.request()).status_code == 302


def test_pitfall_12_whatever_is_wrong_with_a_token_is_told_alike(world):
    token = world.exchange(world.code()).json()["access_token"]
    other = another(world)

    def asked(who: World, what: str) -> object:
        answer = who.post("/oauth/introspect", token=what)
        return answer.status_code, answer.json()

    answers = [asked(other, token), asked(world, "mat_unknown"), asked(world, "x" * 300)]
    world.customer.user.is_active = False
    world.customer.user.save()
    answers.append(asked(world, token))

    assert answers == [(200, {"active": False})] * 4


def test_pitfall_19_a_proof_is_for_the_issuer_whatever_host_was_asked(db):
    world = make_fapi_world()

    def ask(url: str) -> int:
        proof = world.proof("POST", url, nonce=fresh_nonce())
        body = {
            "grant_type": "client_credentials",
            "scope": "open:read",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": world.assertion(),
        }
        encoded = "&".join(f"{name}={value}" for name, value in body.items())
        headers = {"DPoP": proof, "Host": "127.0.0.1"}
        return (
            Browser().post("/oauth/token", encoded, content_type=FORM, headers=headers).status_code
        )

    assert ask(f"{settings.ISSUER}/oauth/token") == 200
    assert ask("http://127.0.0.1/oauth/token") == 400


def test_pitfall_23_nothing_takes_tokens_or_clients_away_with_it(world):
    world.exchange(world.code())

    assert Client.objects.get().user_id is None
    for whole in (world.client, world.client.application, world.customer.user):
        with pytest.raises(ProtectedError):
            whole.delete()
    assert AccessToken.objects.count() == RefreshToken.objects.count() == 1


def test_pitfall_26_no_flag_spares_the_customer_the_question(world):
    world.client.skip_authorization = True
    world.client.save()
    world.code()

    answer = world.ask(state="another", approval_prompt="auto")

    assert answer.status_code == 200
    assert answer.context["intent"].decided_at is None


def test_pitfall_27_an_end_costs_the_same_however_many_tokens_are_out(world):
    def cost(token_count: int) -> int:
        arrangement = Arrangement.objects.active(at=timezone.now()).first()
        for _ in range(token_count):
            world.exchange(world.code(state=f"s{timezone.now().timestamp()}"))
        arrangement = Arrangement.objects.active(at=timezone.now()).get()
        with CaptureQueriesContext(connection) as asked:
            withdraw_arrangement(arrangement, by=actor_of(world.customer.user))
        return len(asked)

    assert cost(1) == cost(5)


def test_pitfall_28_each_endpoint_says_401_403_and_400_for_what_they_mean(world):
    assert world.post(grant_type="password").status_code == 400
    assert world.post(basic=False, grant_type="client_credentials").status_code == 401
    assert Browser().get("/oauth/userinfo").status_code == 401
    token = world.exchange(world.code()).json()["access_token"]
    lacking = Browser().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert lacking.status_code == 403


def test_pitfall_30_nothing_is_redirected_from_http_and_the_edge_refuses_it():
    edge = (Path(settings.BASE_DIR) / "deploy/nginx-portal.conf").read_text()
    (plain,) = re.findall(r"server \{\s+listen 80;.*?\n\}", edge, re.DOTALL)

    assert settings.SECURE_SSL_REDIRECT is False
    assert "return 403;" in plain
    assert "proxy_pass" not in plain


# --- Rows that other tests only touched ----------------------------------------------------------


def test_b12_a_refresh_token_is_for_the_client_that_it_was_given_to(world):
    token = world.exchange(world.code()).json()["refresh_token"]

    stolen = another(world).refresh(token)

    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert world.refresh(token).status_code == 200


def test_b13_a_refresh_token_ends_with_what_the_customer_agreed_to(world):
    world.exchange(world.code())

    kept, arrangement = RefreshToken.objects.get(), Arrangement.objects.get()
    assert kept.expires_at == arrangement.ends_at
    assert not kept.is_live(at=arrangement.ends_at)
    assert kept.is_live(at=arrangement.ends_at - timedelta(seconds=1))


def test_f23_what_opens_anything_has_at_least_128_bits_of_chance(world):
    made = [tokens.new_code(), tokens.new_token(tokens.ACCESS_PREFIX), world.secret]

    for secret in made:
        chance = secret.partition("_")[2]
        assert re.fullmatch(r"[A-Za-z0-9_-]{22,}", chance), len(chance)
    assert len({tokens.new_code() for _ in range(200)}) == 200


def test_f22_a_token_of_another_server_is_none_here_whoever_signed_it(world):
    body = world.exchange(world.code()).json()

    for token in ("eyJhbGciOiJub25lIn0.e30.", body["refresh_token"], body["access_token"] + "x"):
        answer = Browser().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
