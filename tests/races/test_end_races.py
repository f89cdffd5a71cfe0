"""The end by the clock, by a suspension, by a locked account: S7, S8, S10, S13, S14."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from consent.arrangements.models import Arrangement, Customer
from consent.oauth.models import RefreshToken
from consent.oauth.notes import notes_of
from consent.oauth.tokens import read_access_token
from partners.applications.actions import reinstate_application, suspend_application
from partners.applications.models import Application
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events.models import Event
from tests.factories.consent import CustomerFactory
from tests.factories.fapi import make_fapi_world
from tests.factories.gateway import Gate, make_gate
from tests.factories.oauth import CALLBACK, World, make_stranger
from tests.factories.people import staff
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

# Half a second before the clocks of Paris go from 02:00 to 03:00.
BOUNDARY = datetime(2026, 3, 29, 0, 59, 59, 500_000, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)
PATHS = ("/things", "/extra", "/shops")


@pytest.fixture
def gate(transactional_db) -> Gate:
    return make_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


def another_customer(world: World) -> World:
    """Return the same client before somebody else."""
    customer, browser = CustomerFactory(), Browser()
    browser.force_login(customer.user)
    return World(world.client, world.secret, customer, browser)


def lock(customer: Customer) -> None:
    User.objects.filter(pk=customer.user_id).update(is_active=False)


def reasons(gate: Gate, token: str) -> set[str]:
    """Return what the gateway says about the token on every operation there is."""
    answers = [gate.ask(token, path=path) for path in PATHS]
    return {answer.get("X-Portal-Reason", "allowed") for answer in answers}


def introspect(gate: Gate, token: str) -> dict[str, Any]:
    return dict(gate.world.post("/oauth/introspect", token=token).json())


# --- S7 -----------------------------------------------------------------------------------------


def test_s7_the_end_is_one_instant_in_the_night_when_the_clocks_change(transactional_db):
    with time_machine.travel(BOUNDARY - timedelta(days=90), tick=False) as clock:
        gate = make_gate()
        world = gate.world
        world.customer.user.time_zone = "Europe/Paris"
        world.customer.user.save()
        body = world.exchange(world.code("extra:read")).json()
        arrangement = Arrangement.objects.get()
        assert arrangement.ends_at == BOUNDARY
        clock.move_to(BOUNDARY - timedelta(minutes=3))
        # A session of three months ago is over; the sharing is not.
        world.browser.force_login(world.customer.user)
        body = world.refresh(body["refresh_token"]).json()
        token = body["access_token"]

        clock.move_to(BOUNDARY - MOMENT)

        assert reasons(gate, token) == {"allowed"}
        assert introspect(gate, token)["active"] is True

        # No beat, no worker: the clock alone.
        clock.move_to(BOUNDARY)

        assert reasons(gate, token) == {"consent_expired"}
        assert introspect(gate, token) == {"active": False}
        assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
        arrangement.refresh_from_db()
        assert arrangement.status == "active", "a job wrote it down, so nothing was shown"
        address = f"/me/apps/{world.client.application.slug}/"
        page = world.browser.get(address).content.decode()
        assert "29 March 2026, 01:59:59 (Europe/Paris)" in page
        assert "Stop sharing" not in page

        # Who moves to another zone reads another clock; the instant stays.
        world.customer.user.time_zone = "Pacific/Kiritimati"
        world.customer.user.save()
        page = world.browser.get(address).content.decode()
        assert "29 March 2026, 14:59:59 (Pacific/Kiritimati)" in page
        arrangement.refresh_from_db()
        assert arrangement.ends_at == BOUNDARY
        assert reasons(gate, token) == {"consent_expired"}


def test_s7_a_year_from_a_leap_day_has_an_end(transactional_db):
    with time_machine.travel(datetime(2024, 2, 29, 12, tzinfo=UTC), tick=False):
        gate = make_gate()
        gate.world.decide(gate.world.ask(), until="365")

    assert Arrangement.objects.get().ends_at == datetime(2025, 2, 28, 12, tzinfo=UTC)


# --- S8 -----------------------------------------------------------------------------------------


def test_s8_no_token_outlives_the_consent(transactional_db):
    with time_machine.travel(BOUNDARY - timedelta(days=90), tick=False) as clock:
        gate = make_gate()
        world = gate.world
        body = world.exchange(world.code()).json()
        assert RefreshToken.objects.get().expires_at == BOUNDARY
        clock.move_to(BOUNDARY - timedelta(seconds=10))

        body = world.refresh(body["refresh_token"]).json()

        assert body["expires_in"] == 10
        assert {*RefreshToken.objects.values_list("expires_at", flat=True)} == {BOUNDARY}
        assert read_access_token(body["access_token"]).expires == BOUNDARY
        described = introspect(gate, body["access_token"])
        assert described["exp"] == int(BOUNDARY.timestamp())
        # The clock of the client is nobody's business: it sends none that we would believe.
        assert described["iat"] == int(timezone.now().timestamp())


def test_s8_a_token_of_a_consent_that_was_shortened_ends_with_it(transactional_db):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        gate = make_gate()
        world = gate.world
        old = world.exchange(world.told(world.decide(world.ask(), until="365"))["code"]).json()
        clock.shift(timedelta(days=200))
        world.browser.force_login(world.customer.user)
        world.code()
        ends_at = Arrangement.objects.get().ends_at
        clock.move_to(ends_at - timedelta(seconds=20))

        body = world.refresh(old["refresh_token"]).json()

        assert body["expires_in"] == 20
        clock.move_to(ends_at)
        assert reasons(gate, body["access_token"]) == {"consent_expired"}
        assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"


# --- S10 ----------------------------------------------------------------------------------------


def test_s10_an_application_suspended_while_its_screen_is_open_gets_nothing(gate, world):
    body = world.exchange(world.code("extra:read")).json()
    code = world.code("extra:read")
    other = another_customer(world)
    others = other.exchange(other.code()).json()
    newcomer = another_customer(world)
    page = newcomer.ask(state="s10")
    application, security = world.client.application, staff(Role.SECURITY)

    suspend_application(application, by=security, reason="a test")

    # The click that came too late: a page of ours, nothing given, and a note of the attempt.
    answer = newcomer.decide(page)
    assert (answer.status_code, answer["Location"]) == (303, "/oauth/authorize")
    shown = newcomer.ask(state="s10")
    assert shown.status_code == 400
    assert "may not ask for your data now" in shown.content.decode()
    assert not newcomer.customer.arrangements.exists()
    attempt = notes_of(world.client)[0]
    assert (attempt.endpoint, attempt.status) == ("authorize", 400)
    # What is out is refused with the next request, whatever it is.
    assert reasons(gate, body["access_token"]) == {"application_inactive"}
    for answer in (world.refresh(body["refresh_token"]), world.exchange(code)):
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    # Stopping stays as easy as ever.
    stop = f"/me/apps/{application.slug}/stop/"
    assert other.browser.get(stop).status_code == 200
    assert other.browser.post(stop).status_code == 302
    assert other.customer.arrangements.get().status == "withdrawn"

    reinstate_application(application, by=security)

    assert reasons(gate, body["access_token"]) == {"allowed"}
    assert world.refresh(body["refresh_token"]).status_code == 200
    assert world.exchange(code).status_code == 200
    assert reasons(gate, others["access_token"]) == {"consent_withdrawn"}
    assert other.refresh(others["refresh_token"]).json()["error"] == "invalid_grant"


def test_s10_a_suspension_at_the_moment_of_the_click_leaves_nothing_that_opens(gate, world):
    application, security = world.client.application, staff(Role.SECURITY)
    for seed in range(6):
        page = world.ask(state=str(seed))

        answer, _ = at_once(
            partial(world.decide, page),
            partial(suspend_application, application, by=security, reason="a test"),
            seed=seed,
        )

        if answer["Location"].startswith(CALLBACK):
            code = world.told(answer)["code"]
            assert world.exchange(code).json()["error"] == "invalid_client"
        else:
            assert answer["Location"] == "/oauth/authorize"
        application = Application.objects.get(pk=application.pk)
        reinstate_application(application, by=security)


# --- S13 ----------------------------------------------------------------------------------------


def test_s13_a_locked_account_shares_nothing_from_the_next_call_on(gate, world):
    body = world.exchange(world.code("extra:read")).json()
    code = world.code("extra:read")
    page = world.ask(state="s13")
    assert reasons(gate, body["access_token"]) == {"allowed"}

    lock(world.customer)

    assert reasons(gate, body["access_token"]) == {"customer_inactive"}
    assert introspect(gate, body["access_token"]) == {"active": False}
    for answer in (world.refresh(body["refresh_token"]), world.exchange(code)):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    # Neither is the old session good for anything.
    assert "app.example" not in world.decide(page)["Location"]
    assert Arrangement.objects.get().version_number == 2
    assert not Event.objects.filter(kind__contains="replayed").exists()


# --- S14 ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("redis_away")
def test_s14_two_gateways_refuse_at_once_while_broker_and_cache_are_away(gate, world):
    body = world.exchange(world.code("extra:read")).json()
    token = body["access_token"]
    one, other = partial(reasons, gate, token), partial(reasons, gate, token)
    assert at_once(one, other) == [{"allowed"}, {"allowed"}]

    world.browser.post(f"/me/apps/{world.client.application.slug}/stop/")

    assert at_once(one, other) == [{"consent_withdrawn"}, {"consent_withdrawn"}]
    assert introspect(gate, token) == {"active": False}
    assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"


def test_s14_a_bound_token_opens_nothing_while_nobody_remembers_proofs(transactional_db, request):
    """What cannot be checked is refused: there is no answer from memory."""
    gate = make_gate(make_fapi_world())
    token = gate.token()
    url = f"{settings.GATEWAY_URL}/{gate.api.slug}/v1/things"

    def call() -> Any:
        proof = gate.world.proof("GET", url, token=token)
        return gate.ask(token, Authorization=f"DPoP {token}", DPoP=proof)

    assert call().status_code == 204
    request.getfixturevalue("redis_away")

    assert call()["X-Portal-Reason"] == "proof_unchecked"


def test_s14_introspection_names_nobody_and_tells_a_foreign_client_nothing(gate, world):
    token = world.exchange(world.code("extra:read")).json()["access_token"]
    user = world.customer.user

    answer = world.post("/oauth/introspect", token=token)

    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["active"] is True
    assert not {"username", "email", "name"} & answer.json().keys()
    for secret in (user.email, user.name, str(world.customer.public_id)):
        assert secret not in answer.content.decode()
    assert answer.json()["sub"] != str(user.pk)
    foreign = make_stranger().post("/oauth/introspect", token=token)
    assert (foreign.status_code, foreign.json()) == (200, {"active": False})
