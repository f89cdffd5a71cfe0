"""S20: a client that tries what is not its own changes nothing, and people hear of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client as Browser

from consent.arrangements.models import Arrangement
from consent.oauth import foreign
from consent.oauth.models import AccessToken, RefreshToken
from portal.access.actors import Role
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import share
from tests.factories.oauth import make_stranger
from tests.factories.people import member, staff
from tests.factories.reference import make_reference

START = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
KIND = "consent.client.foreign_ids"


@pytest.fixture(autouse=True)
def _three_are_too_many(settings):
    settings.FOREIGN_IDS_ALARM = 3


@pytest.fixture
def stranger(db):
    return make_stranger()


def asked_for(stranger, grant_id, method="GET"):
    scope = "grant_management_query grant_management_revoke"
    token = stranger.post(grant_type="client_credentials", scope=scope).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return Browser().generic(method, f"/oauth/grants/{grant_id}", headers=headers)


def alarms() -> list[Event]:
    return list(Event.objects.filter(kind=KIND).order_by("pk"))


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_s20_after_so_many_foreign_grants_people_hear_of_it_and_nothing_changes(stranger, method):
    organization = stranger.client.application.organization
    contact, guard = member(organization, Role.SECURITY_CONTACT), staff(Role.SECURITY)
    theirs = [share() for _ in range(4)]

    answers = [asked_for(stranger, one.pk, method) for one in theirs]
    again = asked_for(stranger, uuid4(), method)
    deliver_due()

    assert {answer.status_code for answer in [*answers, again]} == {404}
    assert {answer.content for answer in answers} == {again.content}
    [alarm] = alarms()
    assert (alarm.facts["client_id"], alarm.facts["count"]) == (stranger.client.client_id, 3)
    assert alarm.facts["reason"] == "grant"
    assert not any(str(one.pk) in json.dumps(alarm.facts) for one in theirs)
    told = Message.objects.filter(kind__endswith="/alarm").values_list("user_id", flat=True)
    assert {contact.person_id, guard.person_id} <= set(told)
    stood = Arrangement.objects.values_list("status", "epoch").distinct()
    assert list(stood) == [("active", 1)]
    stranger.client.application.refresh_from_db()
    assert stranger.client.application.status == "live"


def test_s20_one_foreign_grant_again_and_again_is_one(stranger):
    theirs = share()

    for _ in range(5):
        asked_for(stranger, theirs.pk)

    assert alarms() == []


def test_s20_what_nobody_has_and_what_was_its_own_is_not_foreign(stranger):
    own = [share(client=stranger.client) for _ in range(3)]

    for grant_id in [*(uuid4() for _ in range(4)), *(one.pk for one in own)]:
        asked_for(stranger, grant_id)

    assert alarms() == []


def test_s20_it_is_told_once_an_hour(stranger):
    with time_machine.travel(START, tick=False) as traveller:
        for number in range(9):
            foreign.note(stranger.client.client_id, foreign.Kind.GRANT, str(number))
        assert len(alarms()) == 1

        traveller.move_to(START + timedelta(hours=1))
        for number in range(9):
            foreign.note(stranger.client.client_id, foreign.Kind.GRANT, str(number))

    assert len(alarms()) == 2


def test_s20_clients_are_counted_apart(stranger):
    for number in range(4):
        one = make_stranger() if number % 2 else stranger
        foreign.note(one.client.client_id, foreign.Kind.GRANT, str(number))

    assert alarms() == []


@pytest.mark.parametrize("way", ["code", "refresh", "introspect", "revoke"])
def test_s20_codes_and_tokens_of_others_are_counted(world, stranger, way):
    bodies = [world.exchange(world.code()).json() for _ in range(4)]
    codes = [world.code() for _ in range(4)]
    tries = {
        "code": lambda place: stranger.exchange(codes[place]),
        "refresh": lambda place: stranger.refresh(bodies[place]["refresh_token"]),
        "introspect": lambda place: stranger.post(
            "/oauth/introspect", token=bodies[place]["access_token"]
        ),
        "revoke": lambda place: stranger.post("/oauth/revoke", token=bodies[place]["access_token"]),
    }

    for place in range(4):
        tries[way](place)

    [alarm] = alarms()
    assert alarm.facts["client_id"] == stranger.client.client_id
    assert AccessToken.objects.filter(revoked_at=None).count() == 4
    assert RefreshToken.objects.filter(application=world.client).exists()
    assert world.exchange(codes[-1]).status_code == 200


def test_s20_names_of_another_customers_things_are_counted_and_stay_unknown(db):
    world = make_reference()
    world.share("prescriptions:read")
    own = json.loads(world.get("/prescriptions").content)["items"][0]["id"]

    answers = [world.get(f"/prescriptions/rx_{number:016d}").status_code for number in range(4)]

    assert answers == [404] * 4
    assert world.get(f"/prescriptions/{own}").status_code == 200
    [alarm] = alarms()
    assert alarm.facts["reason"] == "resource"


def test_s20_while_nobody_counts_the_answer_is_the_same(stranger, redis_away):
    with time_machine.travel(START, tick=False):
        foreign.note(stranger.client.client_id, foreign.Kind.GRANT, "one")

    assert alarms() == []
