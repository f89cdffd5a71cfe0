"""Real threads on real PostgreSQL: whoever comes second finds what the first one left."""

from __future__ import annotations

from functools import partial
from threading import Event as Signal

import pytest
from django.db import transaction
from django.utils import timezone

from consent.arrangements import changing, ending, readings
from consent.arrangements.models import Arrangement, Reading, Receipt
from partners.organizations.actors import actor_of
from portal.errors import Conflict
from portal.events.models import Event
from tests.factories.consent import share, use_of
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def kinds(arrangement: Arrangement) -> list[str]:
    events = Event.objects.about(arrangement).order_by("pk")
    return [event.kind.rpartition(".")[2] for event in events]


def test_two_withdrawals_at_once_are_one():
    for _ in range(ROUNDS):
        arrangement = share()
        actor = actor_of(arrangement.customer.user)

        results = at_once(*[partial(ending.withdraw_arrangement, arrangement, by=actor)] * 4)

        assert not [result for result in results if isinstance(result, Conflict)]
        arrangement.refresh_from_db()
        assert (arrangement.status, arrangement.epoch) == ("withdrawn", 2)
        assert kinds(arrangement) == ["given", "withdrawn"]


def test_a_narrowing_never_brings_back_what_was_withdrawn():
    for _ in range(ROUNDS):
        keep, drop = use_of(), use_of()
        arrangement = share(uses=[keep, drop])
        actor = actor_of(arrangement.customer.user)

        at_once(
            partial(ending.withdraw_arrangement, arrangement, by=actor),
            partial(changing.narrow_arrangement, arrangement, by=actor, keep=[keep.scope]),
        )

        arrangement.refresh_from_db()
        assert arrangement.status == "withdrawn"
        assert kinds(arrangement) in (["given", "withdrawn"], ["given", "narrowed", "withdrawn"])


def test_agreeing_twice_at_once_makes_one_arrangement():
    for _ in range(ROUNDS):
        # An application that knows the customer already: nothing else makes the two queue up.
        before = share()
        customer, client = before.customer, before.client
        ending.withdraw_arrangement(before, by=actor_of(customer.user))
        use = use_of()

        at_once(*[partial(share, customer, client, uses=[use])] * 3)

        arrangement = Arrangement.objects.get(customer=customer, status="active")
        first, *others = kinds(arrangement)
        assert first == "given"
        assert len(others) == 2
        assert set(others) <= {"extended", "renewed"}
        assert Receipt.objects.filter(version__arrangement=arrangement).count() == 3


def test_stopping_everything_while_agreeing_leaves_nothing_half_done():
    for _ in range(ROUNDS):
        arrangement = share()
        customer, client = arrangement.customer, arrangement.client
        actor = actor_of(customer.user)
        use = use_of()

        at_once(
            partial(ending.withdraw_everything, customer, by=actor),
            partial(share, customer, client, uses=[use]),
        )

        # Either the stop came first and the new consent is a new arrangement, or it ended that too.
        running = Arrangement.objects.filter(customer=customer, status="active")
        assert running.count() == customer.arrangements.count() - 1
        arrangement.refresh_from_db()
        assert arrangement.status == "withdrawn"


def test_reading_goes_on_while_a_withdrawal_holds_the_arrangement():
    arrangement = share()
    actor = actor_of(arrangement.customer.user)
    held, noted = Signal(), Signal()

    def withdraw() -> None:
        with transaction.atomic():
            ending.withdraw_arrangement(arrangement, by=actor)
            held.set()
            assert noted.wait(timeout=10), "the reading waited for the withdrawal"

    def read() -> None:
        assert held.wait(timeout=10)
        readings.note_reading(
            arrangement.pk, operation_key="a/v1/b", cluster_codes=["a"], at=timezone.now()
        )
        noted.set()

    at_once(withdraw, read)

    assert Reading.objects.get().read_count == 1
    arrangement.refresh_from_db()
    assert arrangement.status == "withdrawn"


def test_readings_at_once_are_all_counted():
    arrangement = share()
    at = timezone.now()

    def read() -> None:
        for _ in range(10):
            readings.note_reading(
                arrangement.pk, operation_key="a/v1/b", cluster_codes=["a"], at=at
            )

    at_once(*[read] * 4)

    assert Reading.objects.get().read_count == 40
