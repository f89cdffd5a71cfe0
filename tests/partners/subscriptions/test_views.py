from __future__ import annotations

import pytest

from partners.applications.actions import (
    change_redirect_uris,
    change_uses,
    suspend_application,
)
from partners.organizations.models import Organization
from partners.reviews.actions import cast_vote
from partners.reviews.models import Review, Verdict
from partners.subscriptions.actions import approve_access, reject_access
from partners.subscriptions.models import AccessRequest
from portal.access.actors import Role
from portal.events.log import deliver_due
from tests.factories.people import member, staff
from tests.factories.vocabulary import wanted
from tests.partners.pages import sign_in
from tests.partners.subscriptions.test_actions import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def home(world, client):
    sign_in(client, world.developer)
    return world.application.get_absolute_url()


def test_asking_for_production_and_following_it(world, client, home):
    form = {"plan": world.plan.pk, "purpose": "Reminders."}

    assert "100,000 calls a day" in client.get(f"{home}requests/").content.decode()
    response = client.post(f"{home}requests/", form)

    asked = AccessRequest.objects.get()
    assert response.url == f"{home}requests/{asked.number}/"
    assert "usually 2 working days" in client.get(response.url).content.decode()
    assert "In review" in client.get(home).content.decode()
    again = client.post(f"{home}requests/", form)
    assert again.status_code == 200
    assert AccessRequest.objects.count() == 1


def test_a_stopped_application_is_not_told_to_ask(world, client, home):
    assert "tell us what you will use" in client.get(home).content.decode()

    suspend_application(world.application, by=staff(Role.SECURITY), reason="It leaks.")

    page = client.get(home).content.decode()
    assert "Not while the application is stopped" in page
    assert "tell us what you will use" not in page


@pytest.mark.parametrize(
    "change",
    [{"plan": ""}, {"plan": "0"}, {"plan": "x"}, {"purpose": "a\x00b"}, {"purpose": "a" * 501}],
)
def test_bad_input_is_explained(world, client, home, change):
    form = {"plan": world.plan.pk, "purpose": "Reminders."}

    response = client.post(f"{home}requests/", form | change)

    assert response.status_code == 200
    assert next(iter(change)) in response.context["form"].errors


def test_before_the_approval_the_page_says_what_comes_first(world, client, home):
    Organization.objects.update(status=Organization.Status.REGISTERED, approved_at=None)

    assert "First the security questions" in client.get(f"{home}requests/").content.decode()
    form = {"plan": world.plan.pk, "purpose": "Reminders."}
    assert "not approved yet" in client.post(f"{home}requests/", form).content.decode()


def test_without_scopes_the_page_says_how_to_choose_some(world, client, home):
    change_uses(world.application, by=world.developer, uses=[])

    assert "Choose scopes" in client.get(f"{home}requests/").content.decode()


def test_a_rejection_shows_its_reason_and_the_way_back(world, client, home):
    asked = world.ask()
    reject_access(asked, by=world.reviewer, reason="Say how you delete it.")

    html = client.get(f"{home}requests/{asked.number}/").content.decode()

    assert "Say how you delete it." in html
    assert "Ask again" in html
    assert world.reviewer.name not in html
    assert "Why, and how to go on" in client.get(home).content.decode()


def test_a_first_vote_is_followed_without_a_name(world, client, home):
    asked = world.ask()
    deliver_due()
    officer = staff(Role.SECURITY)
    cast_vote(
        Review.objects.get(),
        by=officer,
        verdict=Verdict.APPROVE,
        reason="They delete within a day.",
        digest=asked.digest,
    )

    html = client.get(f"{home}requests/{asked.number}/").content.decode()

    assert "A security officer approved" in html
    assert officer.name not in html
    assert "They delete within a day." not in html
    assert "With our reviewers" in html


def test_an_approval_leads_to_the_first_secret(world, client, home):
    asked = world.ask()
    approve_access(asked, by=world.reviewer)

    assert f"{home}production/credentials/" in (
        client.get(f"{home}requests/{asked.number}/").content.decode()
    )
    html = client.get(f"{home}?environment=production").content.decode()
    assert "Granted" in html
    assert "Open until" in html


def test_a_change_after_the_question_is_pointed_out(world, client, home):
    asked = world.ask()
    change_redirect_uris(asked.client, by=world.developer, redirect_uris=["https://other.example/"])

    assert "Something changed" in client.get(f"{home}requests/{asked.number}/").content.decode()


def test_a_request_is_withdrawn_once(world, client, home):
    asked = world.ask()
    address = f"{home}requests/{asked.number}/withdrawal/"

    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 409
    assert AccessRequest.objects.get().status == AccessRequest.Status.WITHDRAWN


@pytest.mark.parametrize("number", ["REQ-0", "REQ-9999", "x", "REQ-999999999999"])
def test_an_unknown_number_is_not_found(client, home, number):
    assert client.get(f"{home}requests/{number}/").status_code == 404


def test_a_viewer_may_not_ask(world, client, home):
    sign_in(client, member(world.organization, Role.VIEWER))

    assert client.get(f"{home}requests/").status_code == 200
    response = client.post(f"{home}requests/", {"plan": world.plan.pk, "purpose": "-"})
    assert response.status_code == 403


def test_the_page_of_a_request_costs_the_same_for_many_scopes(
    world, client, home, django_assert_max_num_queries
):
    change_uses(
        world.application,
        by=world.developer,
        uses=[wanted(), wanted(scope="things.list:read")],
    )
    asked = world.ask()

    with django_assert_max_num_queries(13):
        client.get(f"{home}requests/{asked.number}/")
