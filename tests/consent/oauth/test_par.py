"""Requests that are pushed before a browser names them (RFC 9126), from the push to the code.

Names that begin with b4, f13 and the like are rows of the checklists of RFC 9700 and FAPI 2.0.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from joserfc.jwk import ECKey

from consent.arrangements.models import Arrangement
from consent.oauth.models import AuthorizationIntent, Grant, PushedRequest
from consent.oauth.pushed import LIFETIME, PREFIX
from consent.oauth.tasks import purge_expired
from consent.proofs.possession import fresh_nonce
from partners.applications.actions import issue_credential, suspend_application
from partners.applications.profiles import Profile
from portal.access.actors import Role
from tests.factories.consent import CustomerFactory
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import CALLBACK, CHALLENGE, answer_of
from tests.factories.partners import ClientFactory
from tests.factories.people import member, staff

JKT = "j" * 43
TOKEN = "http://testserver/oauth/token"
OTHER_KEY = ECKey.generate_key("P-256")


def other_client_pushes(world):
    other = ClientFactory(production=True)
    _, secret = issue_credential(other, by=member(other.application.organization, Role.OWNER))
    return {"client_id": other.client_id, "client_secret": secret}


def signed_in(customer):
    browser = Browser()
    browser.force_login(customer.user)
    return browser


# --- Pushing -------------------------------------------------------------------------------------


def test_f19_a_pushed_request_gets_a_uri_that_ends_soon(world):
    answer = world.push()

    body = answer.json()
    assert answer.status_code == 201
    assert body["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    assert 5 <= body["expires_in"] < 600
    kept = PushedRequest.objects.get()
    assert kept.expires_at - timezone.now() <= timedelta(seconds=body["expires_in"])


def test_f26_b23_what_a_push_is_answered_is_never_stored(world):
    for answer in (
        world.push(),
        world.push(scope="nonsense"),
        world.post("/oauth/par", basic=False),
    ):
        assert answer["Cache-Control"] == "no-store"


def test_the_uri_and_the_proofs_of_the_client_are_not_kept(world):
    answer = world.post(
        "/oauth/par",
        basic=False,
        client_secret=world.secret,
        **world.request(),
    )

    kept = PushedRequest.objects.get()
    reference = answer.json()["request_uri"].removeprefix(PREFIX)
    assert reference not in str([*PushedRequest.objects.values()])
    assert len(reference) >= 43
    assert kept.parameters == world.request()


def test_f26_only_a_post_is_answered(world):
    answer = Browser().get("/oauth/par", world.request())

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_f12_without_client_authentication_nothing_is_pushed(world):
    answer = world.post("/oauth/par", basic=False, **world.request())

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert not PushedRequest.objects.exists()


def test_f26_the_client_id_must_be_the_one_that_is_proved(world):
    other = ClientFactory(production=True)

    answer = world.push(client_id=other.client_id)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_f26_a_request_uri_may_not_be_pushed(world):
    answer = world.push(request_uri=world.pushed())

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_b22_a_repeated_parameter_is_refused_at_the_push(world):
    body = "scope=need:read&scope=need:read"

    answer = Browser().post(
        "/oauth/par",
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": world.basic},
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_b24_two_proofs_at_once_are_none(world):
    answer = world.push(client_secret=world.secret)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"code_challenge": None}, "invalid_request", id="f13-no-pkce"),
        pytest.param({"code_challenge_method": "plain"}, "invalid_request", id="f13-plain"),
        pytest.param({"code_challenge_method": None}, "invalid_request", id="f13-no-method"),
        pytest.param({"redirect_uri": None}, "invalid_request", id="f14"),
        pytest.param({"redirect_uri": "https://evil.example/"}, "invalid_request", id="f26"),
        pytest.param({"redirect_uri": CALLBACK + "/"}, "invalid_request", id="b1"),
        pytest.param({"response_type": None}, "invalid_request", id="f10-none"),
        pytest.param({"response_type": "token"}, "unsupported_response_type", id="f10-token"),
        pytest.param(
            {"response_type": "code id_token"}, "unsupported_response_type", id="f10-hybrid"
        ),
        pytest.param({"response_mode": "form_post"}, "invalid_request", id="form-post"),
        pytest.param({"scope": "other:read"}, "invalid_scope", id="scope"),
        pytest.param({"scope": "open:read"}, "invalid_scope", id="nothing-of-a-customer"),
        pytest.param({"state": "s" * 2049}, "invalid_request", id="f21-state"),
        pytest.param({"nonce": "n" * 384}, "invalid_request", id="f21-nonce"),
        pytest.param({"prompt": "none login"}, "invalid_request", id="prompt"),
        pytest.param({"max_age": "-1"}, "invalid_request", id="max-age"),
        pytest.param({"dpop_jkt": "short"}, "invalid_request", id="f8-no-thumbprint"),
    ],
)
def test_f10_f13_f14_f26_what_is_wrong_with_a_request_its_developer_hears_at_the_push(
    world, changes, error
):
    answer = world.push(**changes)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]
    assert not PushedRequest.objects.exists()


def test_a_suspended_application_pushes_nothing(world):
    suspend_application(world.client.application, by=staff(Role.SECURITY), reason="a test")

    assert world.push().status_code == 401


# --- From the URI to the code --------------------------------------------------------------------


def test_f26_the_uri_and_the_client_id_are_enough(world):
    answer = world.decide(world.open(world.pushed()))

    told = answer_of(answer)
    assert answer.status_code == 303
    assert told["state"] == world.request()["state"]
    assert world.exchange(told["code"]).status_code == 200


def test_f26_what_stands_beside_the_uri_is_not_read(world):
    page = world.open(
        world.pushed(scope="need:read"),
        scope="need:read extra:read",
        redirect_uri="https://evil.example/",
        state="other",
        prompt="none",
        response_mode="jwt",
    )

    asked = AuthorizationIntent.objects.get().request
    assert asked["scopes"] == ["need:read"]
    answer = world.decide(page)
    assert answer["Location"].startswith(CALLBACK + "?code=")
    assert answer_of(answer)["state"] == world.request()["state"]


def test_f25_looking_twice_does_not_use_it_up(world):
    uri = world.pushed()

    first, second = world.open(uri), world.open(uri)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.context["intent"] == second.context["intent"]
    assert world.decide(second).status_code == 303


def test_f25_a_stranger_may_look_before_the_customer_signs_in(world):
    uri = world.pushed()
    stranger = Browser()

    for _ in range(2):
        answer = world.open(uri, browser=stranger)
        assert answer["Location"].startswith("/sign-in/?next=/oauth/authorize%3F")

    assert world.open(uri).status_code == 200


def test_f25_a_decided_request_is_used_up(world):
    uri = world.pushed()
    mine = world.decide(world.open(uri))
    other = CustomerFactory()

    again = world.open(uri)
    elsewhere = world.open(uri, browser=signed_in(other))

    assert mine.status_code == 303
    assert again.status_code == 409
    assert "You have already answered" in again.content.decode()
    assert elsewhere.status_code == 400
    assert "invalid_request_uri" in elsewhere.content.decode()
    assert Grant.objects.count() == 1


def test_f25_saying_no_uses_it_up_as_well(world):
    uri = world.pushed()

    world.decide(world.open(uri), "deny")

    assert world.open(uri).status_code == 409


def test_f25_two_people_with_one_uri_are_one_decision(world):
    uri = world.pushed()
    other = signed_in(CustomerFactory())
    mine, theirs = world.open(uri), world.open(uri, browser=other)

    first = world.decide(theirs, browser=other)
    second = world.decide(mine)

    assert (first.status_code, second.status_code) == (303, 409)
    assert Arrangement.objects.count() == Grant.objects.count() == 1


def test_an_answer_that_could_not_be_taken_does_not_use_it_up(world):
    uri = world.pushed(scope="extra:read")

    assert world.decide(world.open(uri)).status_code == 422

    assert PushedRequest.objects.get().used_at is None
    assert world.decide(world.open(uri), g=["extra:read"]).status_code == 303


def test_f25_it_is_nobody_elses(world):
    theirs = other_client_pushes(world)
    uri = world.pushed()

    answer = world.browser.get(
        "/oauth/authorize", {"client_id": theirs["client_id"], "request_uri": uri}
    )

    assert answer.status_code == 400
    assert "invalid_request_uri" in answer.content.decode()


@pytest.mark.parametrize("reference", ["", "nonsense", "ü", "x" * 4000])
def test_f25_an_unknown_uri_stays_on_our_page(world, reference):
    answer = world.open(PREFIX + reference)

    assert answer.status_code == 400
    assert "invalid_request_uri" in answer.content.decode()


def test_f25_an_expired_uri_stays_on_our_page(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        uri = world.pushed()
        clock.shift(LIFETIME)

        answer = world.open(uri)

    assert answer.status_code == 400
    assert "invalid_request_uri" in answer.content.decode()
    assert "Location" not in answer


def test_f25_who_opened_it_in_time_may_take_longer_to_sign_in(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        uri = world.pushed()
        browser = Browser()
        world.open(uri, browser=browser)
        clock.shift(timedelta(minutes=5))

        browser.force_login(world.customer.user)

        assert world.open(uri, browser=browser).status_code == 200
        assert world.open(uri).status_code == 400
        clock.shift(timedelta(minutes=5, seconds=1))
        assert world.open(uri, browser=browser).status_code == 400


def test_a_browser_cannot_say_itself_when_it_opened_a_request(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first, second = world.pushed(), world.pushed()
        browser = signed_in(world.customer)
        world.open(first, browser=browser)
        kept = next(name for name in browser.cookies if name.startswith("opened_"))
        value = browser.cookies[kept].value
        clock.shift(LIFETIME)
        world.open(second, browser=browser)
        for name in list(browser.cookies):
            if name.startswith("opened_"):
                browser.cookies[name] = value

        assert world.open(second, browser=browser).status_code == 400


def test_a_second_push_of_the_same_request_is_a_second_question(world):
    world.decide(world.open(world.pushed()))

    answer = world.decide(world.open(world.pushed()))

    assert answer.status_code == 303
    assert Grant.objects.count() == 2


def test_a_foreign_uri_is_not_fetched(world):
    answer = world.ask(request_uri="https://app.example/request.jwt")

    assert answer_of(answer)["error"] == "request_uri_not_supported"


def test_a_screen_stays_open_when_the_uri_ends(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        page = world.open(world.pushed())
        clock.shift(timedelta(minutes=5))

        assert world.decide(page).status_code == 303


# --- Who must push -------------------------------------------------------------------------------


def test_f11_a_client_of_the_fapi_profile_must_push(world):
    uri = world.pushed()
    world.client.profile = Profile.FAPI2
    world.client.save()

    straight = world.ask()
    pushed = world.open(uri)

    told = answer_of(straight)
    assert straight.status_code == 303
    assert (told["error"], told["iss"]) == ("invalid_request", "http://testserver")
    assert told["state"] == world.request()["state"]
    assert pushed.status_code == 200


def test_f11_without_a_safe_address_it_hears_that_on_our_page(world):
    world.client.profile = Profile.FAPI2
    world.client.save()

    assert world.ask(redirect_uri="https://evil.example/").status_code == 400


# --- The key that a code is bound to -------------------------------------------------------------


def test_f8_a_code_is_bound_to_the_key_that_was_named(world):
    page = world.open(world.pushed(dpop_jkt=JKT))

    code = answer_of(world.decide(page))["code"]

    assert Grant.objects.get().jkt == JKT
    assert world.exchange(code).json()["error"] == "invalid_grant"


# --- What is left --------------------------------------------------------------------------------


def test_old_pushed_requests_are_purged_and_young_ones_are_not(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        world.decide(world.open(world.pushed()))
        world.push()
        clock.shift(timedelta(minutes=11))
        purge_expired()
        assert PushedRequest.objects.count() == 2
        clock.shift(timedelta(hours=1))

        purge_expired()

    assert not PushedRequest.objects.exists()
    assert AuthorizationIntent.objects.get().pushed is None


def test_a_push_takes_few_statements(world, django_assert_max_num_queries):
    world.push()
    with django_assert_max_num_queries(4):
        world.push()


def test_the_metadata_say_how_to_push(client, db):
    told = client.get("/.well-known/oauth-authorization-server").json()

    assert told["pushed_authorization_request_endpoint"] == "http://testserver/oauth/par"
    assert told["require_pushed_authorization_requests"] is False
    assert told["request_uri_parameter_supported"] is False


def test_the_challenge_is_the_one_that_was_pushed(world):
    world.decide(world.open(world.pushed()))

    assert Grant.objects.get().code_challenge == CHALLENGE


@pytest.fixture
def fapi(db):
    return make_fapi_world()


def test_f8_a_code_is_bound_to_the_key_that_signed_the_proof_of_the_push(fapi):
    uri = fapi.push(dpop_proof="").json()["request_uri"]
    code = answer_of(fapi.decide(fapi.open(uri)))["code"]
    other = fapi.proof("POST", TOKEN, nonce=fresh_nonce(), key=OTHER_KEY)

    assert Grant.objects.get().jkt == fapi.jkt
    assert fapi.exchange(code, dpop_proof=other).json()["error"] == "invalid_grant"
    assert fapi.exchange(code).status_code == 200


def test_f8_two_different_keys_are_refused_at_the_push(fapi):
    same = fapi.push(dpop_proof="", dpop_jkt=fapi.jkt)
    other = fapi.push(dpop_proof="", dpop_jkt=JKT)

    assert same.status_code == 201
    assert (other.status_code, other.json()["error"]) == (400, "invalid_request")


def test_f12_f2_a_secret_does_not_do_for_the_fapi_profile(fapi):
    answer = fapi.post("/oauth/par", basic=True, assertion=None, dpop_proof=None, **fapi.request())

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
