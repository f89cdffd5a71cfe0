"""To sign in is not to share: a pause stops data, and nobody is kept from signing in by it."""

from __future__ import annotations

import pytest

from consent.arrangements import changing, ending
from consent.arrangements.models import Arrangement
from partners.organizations.actors import actor_of
from tests.factories.openid import claims_of, make_openid_world, tokens_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_openid_world()


@pytest.fixture
def paused(world):
    """Return what the customer shares with the application and has paused, and its tokens."""
    body = tokens_of(world)
    arrangement = Arrangement.objects.get()
    changing.pause_arrangement(arrangement, by=actor_of(world.customer.user))
    return arrangement, body


def status_of(arrangement):
    arrangement.refresh_from_db()
    return arrangement.status


def userinfo(world, token):
    return world.browser.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})


def test_a_request_for_openid_alone_signs_in_while_sharing_is_paused(world, paused):
    body = tokens_of(world, scope="openid", state="again")

    assert body["scope"] == "openid"
    assert claims_of(body["id_token"])["aud"] == world.client.client_id
    assert status_of(paused[0]) == Arrangement.Status.PAUSED


def test_who_signed_in_while_paused_is_told_to_the_application_that_asks(world, paused):
    body = tokens_of(world, scope="openid", state="again")

    answer = userinfo(world, body["access_token"])

    assert answer.status_code == 200
    assert answer.json() == {"sub": claims_of(body["id_token"])["sub"]}


def test_a_sign_in_goes_on_while_paused_and_data_does_not(world, paused):
    alone = tokens_of(world, scope="openid", state="again")

    refreshed = world.refresh(alone["refresh_token"])
    waiting = world.refresh(paused[1]["refresh_token"])

    assert refreshed.status_code == 200
    assert refreshed.json()["scope"] == "openid"
    assert waiting.json()["consent_status"] == "paused"
    assert userinfo(world, paused[1]["access_token"]).status_code == 401


def test_a_sign_in_that_adds_to_what_is_paused_gets_nothing_of_it(world, paused):
    asked = {"grant_management_action": "merge", "grant_id": paused[1]["grant_id"]}

    body = tokens_of(world, scope="openid", state="again", **asked)

    assert body["scope"] == "openid"
    assert status_of(paused[0]) == Arrangement.Status.PAUSED


def test_a_sign_in_gets_no_data_once_the_sharing_goes_on(world, paused):
    body = tokens_of(world, scope="openid", state="again")
    changing.resume_arrangement(paused[0], by=actor_of(world.customer.user))

    refreshed = world.refresh(body["refresh_token"]).json()

    assert refreshed["scope"] == "openid"
    assert world.refresh(paused[1]["refresh_token"]).status_code == 200


def test_what_has_ended_signs_nobody_in_with_what_was_issued_before(world, paused):
    body = tokens_of(world, scope="openid", state="again")
    ending.withdraw_arrangement(paused[0], by=actor_of(world.customer.user))

    assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    assert userinfo(world, body["access_token"]).status_code == 401


def test_the_screen_says_that_what_is_paused_stays_so(world, paused):
    page = world.ask(scope="openid", state="again").text

    assert "What you share with it stays paused." in page
    assert "it starts again" not in page
    assert "It will no longer see" not in page
    assert "For how long?" not in page


def test_the_screen_of_a_sign_in_says_that_what_is_shared_stays(world):
    tokens_of(world)

    page = world.ask(scope="openid", state="again").text

    assert "What you share with it stays as it is." in page
    assert "It will no longer see" not in page
    assert Arrangement.objects.get().version_number == 1


def test_who_is_asked_for_data_too_starts_what_was_paused_again(world, paused):
    page = world.ask(state="again").text

    assert "it starts again" in page
    assert tokens_of(world, state="once-more")["scope"] == paused[1]["scope"]
    assert status_of(paused[0]) == Arrangement.Status.ACTIVE
