from __future__ import annotations

import pytest

from portal.access.actors import Role
from tests.factories.people import member
from tests.partners.pages import sign_in
from tests.partners.subscriptions.test_actions import World

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def address(world, client):
    sign_in(client, world.developer)
    return f"/api/v1/applications/{world.application.slug}/access-requests"


def test_asking_through_the_api_is_the_same_question(client, address):
    wish = {"api": "things", "purpose": "Reminders."}

    response = client.post(address, wish, content_type=JSON)

    assert response.status_code == 201
    answer = response.json()
    assert (answer["status"], answer["tier"], answer["scopes"]) == ("in_review", 3, ["things:read"])
    assert client.get(address).json()["results"] == [answer]
    again = client.post(address, wish, content_type=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "request_open")


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"api": "things", "purpose": "a\x00b"}, 400, "invalid"),
        ({"api": "unheard-of", "purpose": "-"}, 404, "not_found"),
        ({"api": "things", "plan": "sandbox", "purpose": "-"}, 422, "plan_not_open"),
    ],
)
def test_bad_input_is_refused_with_a_stable_code(client, address, wish, status, code):
    response = client.post(address, wish, content_type=JSON)

    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_viewer_reads_but_does_not_ask(world, client, address):
    sign_in(client, member(world.organization, Role.VIEWER))

    assert client.get(address).status_code == 200
    assert client.post(address, {}, content_type=JSON).status_code == 403
