"""How far back a customer lets an application look, in the reference API's own queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consent.gateway.answers import Answer
from consent.gateway.decision import Reason
from portal.errors import NotFound
from portal.sandbox import prescriptions
from portal.sandbox.models import Appointment, Prescription
from portal.sandbox.requests import SandboxRequest
from tests.factories.consent import CustomerFactory
from tests.factories.partners import ApplicationFactory

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def customer():
    customer = CustomerFactory()
    for days in (-1, 0, 1):
        at = SINCE + timedelta(days=days)
        Prescription.objects.create(
            customer=customer,
            medicine_name=f"day {days}",
            dose="1",
            refills_left=1,
            prescriber_initials="A. B.",
            prescribed_date=at.date(),
        )
        Appointment.objects.create(
            customer=customer,
            starts_at=at - timedelta(minutes=1),
            ends_at=at,
            place_name=f"day {days}",
            place_town="Vilnius",
        )
    return customer


def ask(customer, path, *, since=SINCE, **parameters):
    application = ApplicationFactory()
    answer = Answer(
        Reason.ALLOWED,
        application_id=application.pk,
        customer_id=customer.pk,
        history_from=since,
    )
    return prescriptions.reply(SandboxRequest("GET", path, parameters, b"", answer))


def test_lists_begin_where_the_customer_said(customer):
    medicines = [row["medicine"]["name"] for row in ask(customer, "/prescriptions").body["items"]]
    places = [row["place"]["name"] for row in ask(customer, "/appointments").body["items"]]

    assert medicines == ["day 1", "day 0"]
    assert places == ["day 1"]


def test_a_page_does_not_tell_that_there_is_more_before(customer):
    page = ask(customer, "/prescriptions", limit="2").body

    assert len(page["items"]) == 2
    assert page["next_cursor"] is None


def test_what_is_older_is_as_if_it_were_not_there(customer):
    whole = ask(customer, "/prescriptions", since=None).body["items"]
    assert len(whole) == 3
    old = whole[-1]["id"]

    with pytest.raises(NotFound) as older:
        ask(customer, f"/prescriptions/{old}")
    with pytest.raises(NotFound) as unknown:
        ask(customer, "/prescriptions/rx_nothing")

    assert str(older.value) == str(unknown.value)
