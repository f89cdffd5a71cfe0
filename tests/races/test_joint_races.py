"""Somebody stops what they hold together while another shares it or an application reads it."""

from __future__ import annotations

from functools import partial

import pytest

from consent.arrangements.models import Arrangement
from portal.events.models import Event
from portal.sandbox.models import Prescription
from tests.consent.joint.test_joint import House
from tests.factories.consent import CustomerFactory
from tests.factories.reference import make_reference
from tests.races.threads import Halt, at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


@pytest.fixture
def house(transactional_db) -> House:
    world = make_reference()
    other = CustomerFactory(is_test=True)
    Prescription.objects.get(pk=world.records["first"]).co_holders.add(other)
    return House(world, other)


def test_a_stop_and_a_yes_at_the_same_moment_leave_nothing_to_be_seen(house):
    for seed in range(ROUNDS):
        at_once(partial(house.share, "*"), house.stop, seed=seed)

        assert house.seen() == ["medicine-one-2"]
        house.let_go_on()
        assert house.seen() == ["medicine-one-2", "medicine-one-1"]


def test_two_who_take_back_their_word_at_once_let_it_go_on_and_say_so_once(house):
    token = house.share()
    for seed in range(ROUNDS):
        before = Event.objects.filter(kind="consent.arrangement.released").count()
        house.stop()
        house.stop(house.world.customer)

        at_once(house.let_go_on, partial(house.let_go_on, house.world.customer), seed=seed)

        assert house.seen(token) == ["medicine-one-1"]
        told = Event.objects.filter(kind="consent.arrangement.released")
        assert told.count() == before + 1
    arrangement = Arrangement.objects.get()
    numbers = [
        event.facts["sequence"]
        for event in Event.objects.about(arrangement).order_by("pk")
        if event.kind.startswith("consent.arrangement.")
    ]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_call_after_the_commit_obeys_and_the_one_before_does_not(house):
    token = house.share()
    halt = Halt('INSERT INTO "arrangements_jointstop"')

    def read_meanwhile() -> list[str]:
        assert halt.reached.wait(timeout=20)
        seen = house.seen(token)
        halt.go.set()
        return seen

    _, before = at_once(halt.around(house.stop), read_meanwhile)

    assert before == ["medicine-one-1"]
    assert house.seen(token) == []
