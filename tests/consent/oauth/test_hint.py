"""`id_token_hint` when a customer is asked (OpenID Connect Core §3.1.2.1): that person or none."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from consent.oauth.models import AuthorizationIntent
from consent.oauth.notes import notes_of
from partners.applications.actions import issue_credential
from portal.access.actors import Role
from tests.factories.consent import CustomerFactory
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import World, answer_of
from tests.factories.openid import make_openid_world, sign_in, tokens_of
from tests.factories.partners import ClientFactory
from tests.factories.people import member


@pytest.fixture
def world(db) -> World:
    return make_openid_world()


@pytest.fixture
def hint(world) -> str:
    token: str = tokens_of(world)["id_token"]
    return token


@pytest.fixture
def somebody_else(world, hint) -> World:
    """Return the same client with another customer in the browser."""
    other = World(world.client, world.secret, CustomerFactory(), Browser())
    other.browser = sign_in(other)
    return other


def beside(world: World) -> World:
    """Return another client whose customer is the same person."""
    client = ClientFactory(production=True)
    _, secret = issue_credential(client, by=member(client.application.organization, Role.OWNER))
    other = World(client, secret, world.customer, Browser())
    other.browser = sign_in(other)
    return other


def test_the_person_whom_the_hint_names_is_asked(world, hint):
    page = world.ask(scope="openid", id_token_hint=hint)

    assert page.status_code == 200
    assert page.context["intent"].customer == world.customer


def test_an_old_hint_still_names_a_person(world, hint):
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        world.browser = sign_in(world)

        assert world.ask(scope="openid", id_token_hint=hint).status_code == 200


def test_somebody_else_is_asked_to_change_the_account_and_sees_no_question(somebody_else, hint):
    page = somebody_else.ask(scope="openid", id_token_hint=hint)

    html = page.content.decode()
    assert page.status_code == 403
    assert "This is for another account" in html
    assert "?next=%2Foauth%2Fauthorize%3F" in html
    assert not AuthorizationIntent.objects.filter(customer=somebody_else.customer).exists()
    assert page["X-Frame-Options"] == "DENY"


def test_somebody_else_may_go_back_with_login_required(somebody_else, hint):
    page = somebody_else.ask(scope="openid", id_token_hint=hint, state="s-1")

    told = {
        name: value for name, (value,) in parse_qs(urlsplit(page.context["back"]).query).items()
    }
    assert page.context["back"].startswith("https://app.example/callback?")
    assert (told["error"], told["state"]) == ("login_required", "s-1")
    assert told["iss"] == "http://testserver"


def test_a_silent_question_to_somebody_else_is_login_required(somebody_else, world, hint):
    asked = {"scope": "openid", "id_token_hint": hint, "prompt": "none"}

    assert answer_of(somebody_else.ask(**asked))["error"] == "login_required"
    assert answer_of(world.ask(**asked))["error"] == "consent_required"


def test_after_changing_the_account_the_question_is_asked(somebody_else, world, hint):
    asked = world.request(scope="openid", id_token_hint=hint)
    browser = somebody_else.browser
    assert browser.get("/oauth/authorize", asked).status_code == 403
    browser.logout()

    sent = browser.get("/oauth/authorize", asked)

    assert sent["Location"].startswith("/sign-in/?next=")
    browser.force_login(world.customer.user)
    assert browser.get("/oauth/authorize", asked).status_code == 200


def test_a_hint_of_another_client_or_of_nobody_is_an_invalid_request(world, hint):
    foreign = tokens_of(beside(world), scope="openid")["id_token"]

    for wrong in (foreign, "x.y.z", hint[:-4] + "AAAA"):
        told = answer_of(world.ask(scope="openid", id_token_hint=wrong))
        assert told["error"] == "invalid_request"


def test_a_push_hears_of_a_wrong_hint_at_once(db):
    world = make_fapi_world()

    answer = world.push(scope="openid", id_token_hint="x.y.z")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "id_token_hint" in answer.json()["error_description"]


def test_the_developers_read_that_it_was_somebody_else(somebody_else, hint):
    somebody_else.ask(scope="openid", id_token_hint=hint)

    newest = notes_of(somebody_else.client)[0]
    assert (newest.error, newest.status) == ("login_required", 403)
    assert hint not in str(newest)
