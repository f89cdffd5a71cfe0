from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.access.actors import SYSTEM
from portal.events import log
from portal.events.models import Delivery, Event
from tests.factories.partners import OrganizationFactory


@pytest.fixture
def heard(monkeypatch):
    """Subscribe one handler of the test's own, and return what it heard."""
    kinds: list[str] = []
    monkeypatch.setattr(log, "_handlers", {})

    @log.on("test.thing.*")
    def hear(event: Event) -> None:
        if event.facts.get("fails"):
            raise ValueError
        kinds.append(event.kind)

    return kinds


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="in the transaction of the change"):
        log.record("test.thing.done", OrganizationFactory(), by=SYSTEM)


@pytest.mark.django_db
def test_a_subscribed_handler_hears_an_event_once(heard):
    log.record("test.thing.done", OrganizationFactory(), by=SYSTEM)
    log.record("test.other.done", OrganizationFactory(), by=SYSTEM)

    assert log.deliver_due() == 1
    assert log.deliver_due() == 0
    assert heard == ["test.thing.done"]


@pytest.mark.django_db
def test_a_failing_handler_is_tried_again_and_then_parked(heard):
    log.record("test.thing.done", OrganizationFactory(), by=SYSTEM, fails=True)

    for attempt in range(1, log.MAX_ATTEMPTS + 1):
        Delivery.objects.update(next_attempt_at=timezone.now())
        assert log.deliver_due(limit=1) == 0
        assert Delivery.objects.get().attempt_count == attempt

    delivery = Delivery.objects.get()
    assert delivery.parked_at is not None
    assert delivery.error == "ValueError"
    assert heard == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "verb",
    [
        "UPDATE events_event SET kind = 'x'",
        "DELETE FROM events_event",
        "TRUNCATE events_event CASCADE",
    ],
)
def test_the_portal_itself_cannot_alter_the_log(verb):
    with transaction.atomic():
        log.record("test.thing.done", OrganizationFactory(), by=SYSTEM)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(verb)

    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "verb",
    [
        "UPDATE events_event SET kind = 'x'",
        "DELETE FROM events_event",
        "TRUNCATE events_event CASCADE",
    ],
)
def test_triggers_stop_even_the_superuser(verb, superuser):
    with transaction.atomic():
        log.record("test.thing.done", OrganizationFactory(), by=SYSTEM)

    with pytest.raises(Exception, match=r"Cannot (update|delete|truncate)"):
        superuser.execute(verb)

    assert Event.objects.count() == 1
