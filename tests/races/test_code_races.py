"""What works once: kept and repeated codes, double clicks, old refresh tokens: S2, S9, S15, S16."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from consent.arrangements.models import Arrangement, ArrangementVersion, Receipt
from consent.oauth.models import AccessToken, AuthorizationIntent, Grant, RefreshToken
from partners.webhooks import actions as webhooks
from partners.webhooks.models import Message as Hook
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.fapi import make_fapi_world
from tests.factories.gateway import Gate, make_gate
from tests.factories.oauth import CALLBACK, World
from tests.factories.people import member, staff, user_of
from tests.races.threads import at_once, live_tokens, running, withdraw

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


@pytest.fixture
def gate(transactional_db) -> Gate:
    return make_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


@pytest.fixture
def guards(world) -> dict[str, User]:
    """Return who must hear when something is wrong, and let an endpoint listen."""
    organization = world.client.application.organization
    owner = member(organization, Role.OWNER)
    webhooks.add_endpoint(organization, by=owner, url="https://partner.example/hooks")
    member(organization, Role.VIEWER)
    staff(Role.REVIEWER)
    return {
        "owner": user_of(owner),
        "contact": user_of(member(organization, Role.SECURITY_CONTACT)),
        "security": user_of(staff(Role.SECURITY)),
    }


def alarms(kind: str) -> int:
    return Event.objects.filter(kind=kind).count()


def assert_told(guards: dict[str, User], kind: str) -> None:
    """Check that these people and the partner's endpoint heard of it, and nobody else."""
    deliver_due()
    heard = Message.objects.filter(kind__startswith="oauth")
    assert {message.user for message in heard} >= set(guards.values())
    names = {message.user.pk for message in heard.filter(kind="oauth-staff/alarm")}
    assert names == {guards["security"].pk}
    [hook] = Hook.objects.filter(kind=kind)
    assert "grant_id" in hook.body


# --- S2 -----------------------------------------------------------------------------------------


def test_s2_a_hoarded_code_brings_nothing_back_and_is_noticed(gate, world, guards):
    first, hoarded = world.code(), world.code()
    token = world.exchange(first).json()["access_token"]
    withdraw(world, running())
    deliver_due()

    answer = world.exchange(hoarded)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not live_tokens()
    assert gate.ask(token)["X-Portal-Reason"] == "consent_withdrawn"
    event = Event.objects.get(kind="consent.code.hoarded")
    assert event.subject == f"arrangements.arrangement:{Arrangement.objects.get().pk}"
    assert_told(guards, "consent.code.hoarded")
    # Trying again is no second alarm.
    assert world.exchange(hoarded).json()["error"] == "invalid_grant"
    assert alarms("consent.code.hoarded") == 1


def test_s2_a_code_that_crossed_the_withdrawal_on_its_way_is_no_alarm(world):
    code = world.code()
    withdraw(world, running())
    deliver_due()

    assert world.exchange(code).json()["error"] == "invalid_grant"

    assert not Event.objects.filter(kind__startswith="consent.code.").exists()


# --- S9 -----------------------------------------------------------------------------------------


def test_s9_an_answer_that_is_sent_twice_at_once_counts_once(world):
    for round_ in range(1, ROUNDS + 1):
        page = world.ask(state=str(round_))

        answers = at_once(*[partial(world.decide, page)] * 2, seed=round_)

        first, second = sorted(answers, key=lambda answer: answer.status_code)
        assert (first.status_code, second.status_code) == (303, 409)
        assert first["Location"].startswith(CALLBACK)
        assert "You have already answered" in second.content.decode()
        assert ArrangementVersion.objects.count() == round_
        assert Receipt.objects.count() == round_
        assert Event.objects.filter(kind__startswith="consent.arrangement.").count() == round_
        assert Grant.objects.count() == round_
        assert world.exchange(world.told(first)["code"]).status_code == 200


def test_s9_two_tabs_that_opened_at_the_same_moment_are_one_question(world):
    for round_ in range(1, ROUNDS + 1):
        page = world.ask(state=str(round_))
        # Neither tab saw the other's row: each has its own.
        first = page.context["intent"]
        second = AuthorizationIntent.objects.get(pk=first.pk)
        second.pk = uuid4()
        second.save(force_insert=True)

        answers = at_once(
            partial(world.decide, page),
            partial(world.decide, SimpleNamespace(context={"intent": second})),
        )

        assert sorted(answer.status_code for answer in answers) == [303, 409]
        assert Grant.objects.count() == round_


def test_s9_yes_and_no_at_once_is_one_of_them(world):
    for round_ in range(1, ROUNDS + 1):
        page = world.ask(state=str(round_))

        answers = at_once(
            partial(world.decide, page), partial(world.decide, page, "deny"), seed=round_
        )

        assert sorted(answer.status_code for answer in answers) == [303, 409]
        denied = Event.objects.filter(kind="consent.authorization.denied").count()
        assert denied + ArrangementVersion.objects.count() == round_


# --- S15 ----------------------------------------------------------------------------------------


def test_s15_a_code_that_comes_back_ends_what_came_from_it(gate, world, guards):
    code = world.code()
    body = world.exchange(code).json()
    second = world.refresh(body["refresh_token"]).json()
    bystander = world.exchange(world.code()).json()

    answer = world.exchange(code)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    for token in (body["access_token"], second["access_token"]):
        assert gate.ask(token)["X-Portal-Reason"] == "token_revoked"
    assert world.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    # RFC 6749 §4.1.2 speaks of the tokens of that code: another code's go on, and the consent too.
    assert gate.ask(bystander["access_token"]).status_code == 204
    assert Arrangement.objects.get().status == "active"
    assert_told(guards, "consent.code.replayed")


def test_s15_forty_codes_eight_times_each_at_once_are_redeemed_once_each(world):
    codes = [world.agreed() for _ in range(40)]

    answers = {code: at_once(*[partial(world.exchange, code)] * 8) for code in codes}

    for code, given in answers.items():
        found = Counter(answer.status_code for answer in given)
        assert found == {200: 1, 400: 7}, code
    # No row that nobody was answered with, and none that lives: each code came back seven times.
    redeemed = {grant.family for grant in Grant.objects.exclude(used_at=None)}
    assert len(redeemed) == Grant.objects.count() == 40
    accesses = list(AccessToken.objects.values_list("family", flat=True))
    refreshes = list(RefreshToken.objects.values_list("token_family", flat=True))
    assert Counter(accesses) == Counter(refreshes) == Counter(redeemed)
    assert not live_tokens()
    assert alarms("consent.code.replayed") == 40
    assert alarms("consent.token.issued") == 40


# --- S16 ----------------------------------------------------------------------------------------


def test_s16_a_rotated_token_that_comes_back_ends_its_family(gate, world, guards):
    first = world.exchange(world.code()).json()
    second = world.refresh(first["refresh_token"]).json()
    third = world.refresh(second["refresh_token"]).json()
    bystander = world.exchange(world.code()).json()

    replay = world.refresh(first["refresh_token"])

    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    for body in (first, second, third):
        assert gate.ask(body["access_token"])["X-Portal-Reason"] == "token_revoked"
        assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    assert gate.ask(bystander["access_token"]).status_code == 204
    arrangement = Arrangement.objects.get()
    assert arrangement.status == "active"
    [flag] = Event.objects.about(arrangement).filter(kind="consent.refresh.replayed")
    assert flag.organization_id == world.client.application.organization_id
    assert_told(guards, "consent.refresh.replayed")


def test_s16_four_refreshes_at_once_get_the_same_pair(world):
    body = world.exchange(world.code()).json()
    for round_ in range(ROUNDS):
        answers = at_once(*[partial(world.refresh, body["refresh_token"])] * 4)

        assert {answer.status_code for answer in answers} == {200}, [a.content for a in answers]
        pairs = {(a.json()["access_token"], a.json()["refresh_token"]) for a in answers}
        assert len(pairs) == 1
        assert RefreshToken.objects.filter(revoked=None).count() == 1
        assert AccessToken.objects.count() == round_ + 2
        body = answers[0].json()
    assert RefreshToken.objects.values("token_family").distinct().count() == 1
    assert not Event.objects.filter(kind="consent.refresh.replayed").exists()


def test_s16_a_thief_and_the_client_at_once_never_both_go_on(world):
    """They are one as long as they are fast (decision 4); the next refresh tells them apart."""
    for round_ in range(ROUNDS):
        body = world.exchange(world.agreed()).json()

        client, thief = at_once(*[partial(world.refresh, body["refresh_token"])] * 2, seed=round_)

        assert (client.status_code, thief.status_code) == (200, 200)
        assert client.json()["refresh_token"] == thief.json()["refresh_token"]
        later = timezone.now() + timedelta(seconds=31)
        assert world.refresh(client.json()["refresh_token"]).status_code == 200
        with time_machine.travel(later, tick=False):
            assert world.refresh(thief.json()["refresh_token"]).status_code == 400
        assert alarms("consent.refresh.replayed") == round_ + 1
    assert not live_tokens()


def test_s16_a_client_that_is_bound_to_a_key_keeps_its_refresh_token(transactional_db):
    """In production nothing rotates (decision 7): two refreshes at once are two good answers."""
    world = make_fapi_world()
    body: dict[str, Any] = world.exchange(world.code()).json()

    answers = at_once(*[lambda: world.refresh(body["refresh_token"])] * 4)

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["refresh_token"] for answer in answers} == {body["refresh_token"]}
    assert RefreshToken.objects.count() == 1
    assert len(set(AccessToken.objects.values_list("family", flat=True))) == 1
    assert not Event.objects.filter(kind="consent.refresh.replayed").exists()


def test_the_same_alarm_is_told_once_an_hour(world, guards):
    with time_machine.travel(timezone.now().replace(minute=10), tick=False) as clock:
        for minutes in (0, 1, 60):
            clock.shift(timedelta(minutes=minutes))
            world.browser.force_login(world.customer.user)
            code = world.code()
            world.exchange(code)
            world.exchange(code)
            deliver_due()

    told = Message.objects.filter(user=guards["security"], kind="oauth-staff/alarm")
    assert alarms("consent.code.replayed") == 3
    assert told.count() == 2
