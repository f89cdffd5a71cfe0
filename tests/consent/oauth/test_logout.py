"""Sign-out that an application asks for: RP-Initiated Logout, without a single script."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from consent.keys import actions as keys
from consent.keys import ring
from consent.keys.models import SigningKey
from consent.oauth.models import AccessToken
from partners.applications.models import Application, Client
from portal.access.actors import SYSTEM
from portal.events.models import Event
from tests.factories.openid import GOODBYE, header_of, make_openid_world, sign_in, tokens_of
from tests.factories.partners import ClientFactory

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def world(db):
    return make_openid_world()


def leave(world, browser=None, **asked):
    return (browser or world.browser).get(f"/oauth/logout?{urlencode(asked)}")


def is_signed_in(browser) -> bool:
    return browser.get("/accounts/profile/").status_code == 200


def confirm(page, browser, **changes):
    form = {"leaving": page.context["leaving"], **changes}
    return browser.post("/oauth/logout/confirm", form)


def test_an_id_token_of_this_session_signs_out_and_leads_back(world):
    hint = tokens_of(world)["id_token"]

    answer = leave(world, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state="s t/a?t&e=ü")

    assert answer.status_code == 303
    assert answer["Location"] == f"{GOODBYE}?state=s%20t%2Fa%3Ft%26e%3D%C3%BC"
    assert not is_signed_in(world.browser)


def test_without_a_state_the_address_is_the_registered_one(world):
    hint = tokens_of(world)["id_token"]

    answer = leave(world, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert answer["Location"] == GOODBYE


def test_without_an_address_our_own_page_says_that_it_is_done(world):
    answer = leave(world, id_token_hint=tokens_of(world)["id_token"])

    assert answer.status_code == 200
    assert "You are signed out" in answer.content.decode()
    assert not is_signed_in(world.browser)


def test_an_expired_id_token_is_a_hint_all_the_same(world):
    hint = tokens_of(world)["id_token"]

    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        answer = leave(world, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert answer["Location"] == GOODBYE


def test_pitfall_22_a_hint_of_a_retired_key_still_counts(world):
    hint = tokens_of(world)["id_token"]
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        for _ in range(3):
            keys.rotate_due(at=timezone.now())
        ring.forget()
        assert SigningKey.objects.get(kid=header_of(hint)["kid"]).status == "retired"
        answer = leave(world, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert answer["Location"] == GOODBYE


def test_a_hint_of_a_compromised_key_counts_no_more(world):
    hint = tokens_of(world)["id_token"]
    keys.compromise(header_of(hint)["kid"], by=SYSTEM, reason="test")

    answer = leave(world, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert answer.status_code == 400
    assert is_signed_in(world.browser)


def test_without_a_hint_the_person_is_asked_first(world):
    page = leave(world, client_id=world.client.client_id, post_logout_redirect_uri=GOODBYE)

    assert page.status_code == 200
    assert "Sign out?" in page.content.decode()
    assert is_signed_in(world.browser)
    assert "https://app.example" in page["Content-Security-Policy"]

    answer = confirm(page, world.browser)
    assert (answer.status_code, answer["Location"]) == (303, GOODBYE)
    assert not is_signed_in(world.browser)


def test_a_hint_of_another_session_asks_first(world):
    hint = tokens_of(world)["id_token"]
    elsewhere = sign_in(world)

    page = leave(world, elsewhere, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert page.status_code == 200
    assert is_signed_in(elsewhere)
    assert is_signed_in(world.browser)


def test_the_question_keeps_the_state(world):
    page = leave(
        world, client_id=world.client.client_id, post_logout_redirect_uri=GOODBYE, state="a b"
    )

    assert confirm(page, world.browser)["Location"] == f"{GOODBYE}?state=a%20b"


def test_nobody_is_asked_who_has_signed_out_already(world):
    hint = tokens_of(world)["id_token"]

    answer = leave(world, Browser(), id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert answer["Location"] == GOODBYE


def test_the_confirmation_needs_our_own_form(world):
    strict = Browser(enforce_csrf_checks=True)
    strict.cookies = world.browser.cookies

    answer = strict.post("/oauth/logout/confirm", {"leaving": ""})

    assert answer.status_code == 403
    assert is_signed_in(world.browser)


@pytest.mark.parametrize(
    "leaving", ["", "x", "eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwuZXhhbXBsZSJ9"]
)
def test_what_a_browser_sends_back_cannot_lead_elsewhere(world, leaving):
    answer = world.browser.post("/oauth/logout/confirm", {"leaving": leaving})

    assert answer.status_code == 200
    assert "Location" not in answer


def test_a_question_that_is_too_old_leads_nowhere(world):
    page = leave(world, client_id=world.client.client_id, post_logout_redirect_uri=GOODBYE)

    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        answer = confirm(page, world.browser)

    assert "Location" not in answer


@pytest.mark.parametrize(
    "uri",
    [
        f"{GOODBYE}/",
        f"{GOODBYE}?a=b",
        "https://app.example/",
        "https://app.example.evil.example/goodbye",
        "https://APP.example/goodbye",
        "https://app.example/callback",
        "//app.example/goodbye",
        "javascript:alert(1)",
    ],
    ids=["slash", "query", "path", "suffix", "case", "callback", "relative", "script"],
)
def test_only_a_registered_address_is_followed_letter_by_letter(world, uri):
    hint = tokens_of(world)["id_token"]

    answer = leave(world, id_token_hint=hint, post_logout_redirect_uri=uri)

    assert answer.status_code == 400
    assert "Location" not in answer
    assert is_signed_in(world.browser)


def test_the_address_of_another_client_is_not_followed(world):
    other = ClientFactory(production=True)
    Client.objects.filter(pk=other.pk).update(post_logout_redirect_uris="https://other.example/")
    hint = tokens_of(world)["id_token"]

    answer = leave(world, id_token_hint=hint, post_logout_redirect_uri="https://other.example/")
    two = leave(world, id_token_hint=hint, client_id=other.client_id)

    assert (answer.status_code, two.status_code) == (400, 400)
    assert is_signed_in(world.browser)


@pytest.mark.parametrize(
    "asked",
    [
        {"post_logout_redirect_uri": GOODBYE},
        {"client_id": "nobody"},
        {"id_token_hint": "x.y.z"},
        {"id_token_hint": "eyJhbGciOiJub25lIn0.e30."},
        {"state": "s" * 2049},
        {"id_token_hint": "x" * 5000},
    ],
    ids=["no-client", "unknown-client", "no-token", "alg-none", "long-state", "long-hint"],
)
def test_what_cannot_be_read_changes_nothing(world, asked):
    answer = leave(world, **asked)

    assert answer.status_code == 400
    assert is_signed_in(world.browser)


def test_a_repeated_parameter_changes_nothing(world):
    answer = world.browser.get("/oauth/logout?state=a&state=b")

    assert answer.status_code == 400


def test_a_form_of_another_site_is_turned_into_a_visit(world):
    hint = tokens_of(world)["id_token"]
    form = {"id_token_hint": hint, "post_logout_redirect_uri": GOODBYE}

    answer = Browser(enforce_csrf_checks=True).post(
        "/oauth/logout", urlencode(form), content_type=FORM
    )

    assert answer.status_code == 303
    assert answer["Location"].startswith("/oauth/logout?")
    assert world.browser.get(answer["Location"])["Location"] == GOODBYE


def test_a_suspended_application_gets_nobody_sent(world):
    hint = tokens_of(world)["id_token"]
    Application.objects.update(status="suspended", suspended_at=timezone.now())

    answer = leave(world, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert (answer.status_code, is_signed_in(world.browser)) == (200, False)


def test_signing_out_is_recorded_and_ends_no_agreement(world):
    body = tokens_of(world)

    leave(world, id_token_hint=body["id_token"])

    assert Event.objects.filter(kind="accounts.user.signed_out").count() == 1
    assert AccessToken.objects.get().revoked_at is None
