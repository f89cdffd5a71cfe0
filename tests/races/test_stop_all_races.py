"""“Stop all sharing” of forty, while the clock ends three and the database gives up: S25."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from consent.arrangements import ending
from consent.arrangements.models import Arrangement, Receipt
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.events import log
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory, share
from tests.factories.partners import ClientFactory
from tests.factories.people import member
from tests.factories.reference import token_for
from tests.races.threads import at_once, live_tokens

pytestmark = pytest.mark.django_db(transaction=True)
ENDS = ["consent.arrangement.withdrawn", "consent.arrangement.expired"]


def give_up(code: str = "40001") -> None:
    """Let PostgreSQL itself give the transaction up."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")


def giving_up(monkeypatch, *, calls: set[int], code: str = "40001") -> None:
    """Let those calls of the step that ends one arrangement be given up, counted over all."""
    end, count = ending.end, Counter[str]()

    def failing(*args: Any, **how: Any) -> Any:
        count["end"] += 1
        if count["end"] in calls:
            give_up(code)
        return end(*args, **how)

    monkeypatch.setattr(ending, "end", failing)


def test_s25_stopping_forty_while_three_expire_and_the_database_gives_up(monkeypatch):
    customer = CustomerFactory()
    clients = [ClientFactory(production=True) for _ in range(40)]
    owners = [member(client.application.organization, Role.OWNER) for client in clients]
    with time_machine.travel(timezone.now() - timedelta(days=10), tick=False):
        late = [share(customer, client, days=5) for client in clients[:3]]
    shared = [share(customer, client) for client in clients[3:]]
    for arrangement in shared[:5]:
        token_for(arrangement.client, arrangement, ["a:read"])
    log.deliver_due()
    Message.objects.all().delete()
    giving_up(monkeypatch, calls={2, 20, 41})

    def expire() -> int:
        # The job comes again until nothing is due.
        for _ in range(5):
            try:
                return ending.expire_overdue_arrangements()
            except OperationalError:
                continue
        return 0

    stop = partial(ending.withdraw_everything, customer, by=actor_of(customer.user))
    at_once(stop, expire)
    log.deliver_due()

    ended = Counter(Arrangement.objects.values_list("status", "end_reason"))
    assert ended == {("withdrawn", "customer"): 37, ("expired", "expired"): 3}
    events = Event.objects.filter(kind__in=ENDS)
    assert Counter(events.values_list("kind", flat=True)) == {ENDS[0]: 37, ENDS[1]: 3}
    assert events.values("subject").distinct().count() == 40
    assert {str(one.pk) for one in late} == {
        event.subject.rpartition(":")[2] for event in events.filter(kind=ENDS[1])
    }
    assert Receipt.objects.filter(event_kind__in=ENDS).count() == 40
    assert live_tokens(arrangement__customer=customer) == []
    digests = Message.objects.filter(user=customer.user, kind="arrangements/all_stopped")
    assert digests.count() == 1
    told = Message.objects.filter(kind="arrangements-partner/ended")
    assert told.count() == len(owners) == 40


@pytest.mark.parametrize("code", ["40001", "40P01"], ids=["serialization", "deadlock"])
def test_s25_what_the_database_gave_up_is_done_once_more_and_counts_once(monkeypatch, code):
    arrangement = share()
    giving_up(monkeypatch, calls={1, 2, 3}, code=code)

    ending.withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))

    assert Event.objects.filter(kind=ENDS[0]).count() == 1
    assert Receipt.objects.filter(event_kind=ENDS[0]).count() == 1


def test_s25_what_is_given_up_again_and_again_is_said_and_leaves_all_as_it_was(monkeypatch):
    customer = CustomerFactory()
    for _ in range(3):
        share(customer)
    giving_up(monkeypatch, calls=set(range(1, 50)))

    with pytest.raises(OperationalError):
        ending.withdraw_everything(customer, by=actor_of(customer.user))

    assert {*Arrangement.objects.values_list("status", flat=True)} == {"active"}
    assert not Event.objects.filter(kind__in=ENDS).exists()


def test_s25_another_failure_of_the_database_is_not_tried_again(monkeypatch):
    arrangement = share()
    giving_up(monkeypatch, calls={1}, code="57014")

    with pytest.raises(OperationalError):
        ending.withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))
