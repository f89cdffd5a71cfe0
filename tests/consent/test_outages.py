"""What a customer decides holds while Redis, the worker and the mail server are away."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client as Browser

from consent.arrangements.models import Arrangement
from consent.oauth.models import RefreshToken
from portal.events.models import Delivery
from tests.factories.gateway import Gate, make_gate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gate() -> Gate:
    return make_gate()


def test_stopping_needs_nothing_but_the_database(gate, redis_away):
    token = gate.token()
    assert gate.ask(token).status_code == 204
    slug = gate.world.client.application.slug

    page = gate.world.browser.get(f"/me/apps/{slug}/stop/")
    stopped = gate.world.browser.post(f"/me/apps/{slug}/stop/")

    assert page.status_code == 200
    assert stopped.status_code in {302, 303}
    assert Arrangement.objects.get().status == Arrangement.Status.WITHDRAWN
    assert gate.ask(token)["X-Portal-Reason"] == "consent_withdrawn"
    # The news waits in the database until somebody carries it.
    assert Delivery.objects.filter(
        event__kind="consent.arrangement.withdrawn", delivered_at=None
    ).exists()


def test_no_refresh_token_outlives_it_either(gate, redis_away):
    tokens = gate.world.exchange(gate.world.code()).json()
    slug = gate.world.client.application.slug
    gate.world.browser.post(f"/me/apps/{slug}/stop/")

    refused = gate.world.refresh(tokens["refresh_token"])

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert RefreshToken.objects.exists()


def test_introspection_still_tells_the_truth(gate, redis_away):
    token = gate.token()
    assert introspect(gate, token)["active"] is True
    slug = gate.world.client.application.slug
    gate.world.browser.post(f"/me/apps/{slug}/stop/")

    assert introspect(gate, token) == {"active": False}


def introspect(gate: Gate, token: str) -> dict[str, Any]:
    return dict(gate.world.post("/oauth/introspect", token=token).json())


def test_a_customer_can_still_sign_in(gate, redis_away):
    user = gate.world.customer.user
    user.set_password("correct horse battery staple")
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    browser = Browser()

    assert browser.get("/sign-in/").status_code == 200
    answer = browser.post(
        "/sign-in/", {"login": user.email, "password": "correct horse battery staple"}
    )

    assert answer.status_code == 302
    assert browser.get("/me/apps/").status_code == 200
