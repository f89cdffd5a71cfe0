"""The deadline of a campaign holds at every place that decides, also where no job ever ran."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from catalog.scopes.models import Purpose
from consent.arrangements.models import Arrangement
from consent.campaigns import actions
from consent.campaigns.tasks import carry_on
from partners.subscriptions.access import uses_of
from portal.access.actors import Role
from tests.factories.gateway import Gate, make_gate
from tests.factories.notices import published
from tests.factories.people import staff

START = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
DEADLINE = datetime.fromisoformat("2026-04-15T00:00:00+00:00")


@pytest.fixture
def start(db):
    with time_machine.travel(START, tick=False) as traveller:
        published()
        yield traveller


@pytest.fixture
def gate(start) -> Gate:
    return make_gate()


def campaign(**changes) -> actions.Campaign:
    mina = staff(Role.PRIVACY)
    how = {"kind": "notice", "code": "privacy", "version": 2, "deadline": DEADLINE}
    planned = actions.plan_campaign(by=mina, summary={"en": "It changed."}, **how | changes)
    actions.start_campaign(planned, by=mina)
    return planned


def tokens(gate) -> dict[str, str]:
    return dict(gate.world.exchange(gate.world.code()).json())


def test_no_token_outlives_the_deadline_although_nobody_was_asked(start, gate):
    published_first = tokens(gate)
    published()
    campaign()
    start.move_to(DEADLINE - timedelta(seconds=100))

    fresh = gate.world.refresh(published_first["refresh_token"]).json()

    assert fresh["expires_in"] == 100
    assert gate.ask(fresh["access_token"]).status_code == 204


def test_calls_are_refused_from_the_deadline_on_although_no_job_ran(start, gate):
    first = tokens(gate)
    published()
    campaign()
    start.move_to(DEADLINE - timedelta(seconds=100))
    fresh = gate.world.refresh(first["refresh_token"]).json()
    start.move_to(DEADLINE)

    refused = gate.ask(fresh["access_token"])
    renewed = gate.world.refresh(fresh["refresh_token"])
    described = gate.world.post("/oauth/introspect", token=fresh["access_token"])

    assert refused["X-Portal-Reason"] == "consent_expired"
    assert (renewed.status_code, renewed.json()["error"]) == (400, "invalid_grant")
    assert described.json() == {"active": False}
    assert Arrangement.objects.get().reconsent_by is None  # It was the comparison alone.


def test_whom_it_does_not_concern_goes_on_past_the_deadline(start, gate):
    published()
    refresh = tokens(gate)["refresh_token"]
    campaign()
    start.move_to(DEADLINE + timedelta(days=1))

    fresh = gate.world.refresh(refresh)

    assert fresh.status_code == 200
    assert gate.ask(fresh.json()["access_token"]).status_code == 204


def test_the_customer_says_yes_to_the_same_through_the_app_and_goes_on(start, gate):
    tokens(gate)
    published()
    campaign()
    carry_on()
    arrangement = Arrangement.objects.get()
    assert (arrangement.ends_at, arrangement.reconsent_notice) == (DEADLINE, "privacy@2")

    answer = tokens(gate)
    start.move_to(DEADLINE + timedelta(days=1))

    arrangement.refresh_from_db()
    assert arrangement.reconsent_by is None
    assert gate.world.refresh(answer["refresh_token"]).status_code == 200


def test_adding_something_is_no_yes_to_a_purpose_in_new_words(start, gate):
    tokens(gate)
    [needed] = [use for use in uses_of(gate.world.client, at=START) if use.is_required]
    old = Purpose.objects.get(pk=needed.purpose_id)
    Purpose.objects.filter(pk=old.pk).update(superseded_at=START)
    Purpose.objects.create(code=old.code, version=2, title="More", description="And offers.")
    campaign(kind="purpose", code=old.code)
    carry_on()
    arrangement = Arrangement.objects.get()

    page = gate.world.ask(
        scope="extra:read", grant_management_action="merge", grant_id=str(arrangement.pk)
    )
    offered = {period["code"] for period in page.context["intent"].notice["periods"]}
    gate.world.decide(page, g=["extra:read"], until=offered.pop())

    arrangement.refresh_from_db()
    assert not offered
    assert arrangement.version_number == 2
    assert (arrangement.ends_at, arrangement.reconsent_by) == (DEADLINE, DEADLINE)


def test_the_screen_shows_a_purpose_in_its_current_words(start, gate):
    [needed] = [use for use in uses_of(gate.world.client, at=START) if use.is_required]
    old = Purpose.objects.get(pk=needed.purpose_id)
    page = gate.world.ask()
    Purpose.objects.filter(pk=old.pk).update(superseded_at=START)
    Purpose.objects.create(code=old.code, version=2, title="Other words", description="New.")

    stale = gate.world.decide(page)
    again = gate.world.ask()
    gate.world.decide(again)

    assert stale["Location"] == "/oauth/authorize"
    kept = Arrangement.objects.get().versions.get().items.get(scope__name="need:read")
    assert str(kept.purpose) == f"{old.code}@2"
