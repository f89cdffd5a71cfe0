"""Who a person of the log is can be forgotten; the log itself stays as it was sealed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.db import connection, transaction

from portal import secrets
from portal.access.actors import Actor
from portal.audit.sealing import seal_events
from portal.audit.verification import verify
from portal.events import people
from portal.events.log import record
from portal.events.models import Event, Person
from tests.factories.people import UserFactory


def happen(user) -> Event:
    by = Actor(id=f"user:{user.pk}", name=str(user), person_id=user.pk)
    with transaction.atomic():
        return record("test.thing.done", user, by=by, person_id=user.pk)


@pytest.mark.django_db
def test_the_log_holds_a_number_that_is_not_the_accounts():
    user = UserFactory()

    event = happen(user)

    number = Person.objects.get(account_id=user.pk).reference
    assert number != user.pk
    assert 0 < number < 2**52
    assert event.person_id == number
    assert (event.actor, event.subject) == (f"user:{number}", f"accounts.user:{number}")
    assert people.account_of(number) == user.pk


@pytest.mark.django_db
def test_a_person_has_one_number_and_another_person_another():
    user, other = UserFactory(), UserFactory()

    first, second, third = happen(user), happen(user), happen(other)

    assert first.person_id == second.person_id != third.person_id
    assert list(Event.objects.of_person(user.pk).order_by("pk")) == [first, second]
    assert list(Event.objects.about(user).order_by("pk")) == [first, second]
    assert list(Event.objects.about(other)) == [third]


@pytest.mark.django_db
def test_who_is_no_person_keeps_the_name(django_assert_num_queries):
    user = UserFactory()
    client = Actor(id="client:app_live_7", name="An app")
    people.reference_of(user.pk)

    with django_assert_num_queries(1):
        event = record("test.thing.done", user, by=client)

    assert (event.actor, event.person_id) == ("client:app_live_7", None)


@pytest.mark.django_db(transaction=True)
def test_a_shredded_person_is_nobody_and_the_log_still_verifies():
    user = UserFactory()
    happen(user)
    seal_events()
    number = people.reference_of(user.pk)

    assert people.shred(user.pk)
    happen(user)
    seal_events()

    assert people.account_of(number) is None
    assert Event.objects.filter(person_id=number).count() == 1
    assert people.reference_of(user.pk) != number
    assert verify().first_break is None


@pytest.mark.django_db
def test_what_is_sealed_for_a_person_opens_until_the_key_is_shredded():
    user, other = UserFactory(), UserFactory()
    people.seal_for(other.pk, "theirs", context="a")
    sealed = people.seal_for(user.pk, "D’Arcy", context="a")

    assert "Arcy" not in sealed
    assert people.unseal_for(user.pk, sealed, context="a") == "D’Arcy"
    for account, context in ((user.pk, "b"), (other.pk, "a")):
        with pytest.raises(secrets.Unreadable):
            people.unseal_for(account, sealed, context=context)
    people.shred(user.pk)
    with pytest.raises(secrets.Unreadable):
        people.unseal_for(user.pk, sealed, context="a")


@pytest.mark.django_db(transaction=True)
def test_two_first_events_at_once_are_about_one_person():
    user = UserFactory()

    def first(_: int) -> int:
        try:
            return happen(user).person_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(first, range(8)))

    assert len(numbers) == 1


@pytest.mark.django_db(transaction=True)
def test_who_stood_in_the_log_before_keeps_the_number_they_had(superuser):
    before = import_module("portal.events.migrations.0002_person").EARLIER
    superuser.execute(
        "INSERT INTO events_event (public_id, kind, subject, actor, person_id, request_id, facts,"
        " recorded_at) VALUES (gen_random_uuid(), 'test.thing.done', 'accounts.user:900001',"
        " 'user:900002', 900003, '', '{}', now())"
    )
    superuser.execute(before)

    known = Person.objects.values_list("reference", "account_id").order_by("reference")
    assert list(known) == [(number, number) for number in (900001, 900002, 900003)]
    assert Event.objects.of_person(900003).count() == 1
