from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from consent.arrangements.access import current_items
from tests.factories.consent import CustomerFactory, share
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db
LIST = "/api/v1/me/arrangements"


@pytest.fixture
def customer(client):
    customer = CustomerFactory()
    client.force_login(customer.user)
    return customer


def test_a_customer_lists_the_own_arrangements(client, customer):
    arrangement = share(customer)
    share()

    response = client.get(LIST)

    assert response.status_code == 200
    [listed] = response.json()["results"]
    assert listed["id"] == str(arrangement.pk)
    assert listed["application"] == arrangement.client.application.slug
    assert listed["scopes"] == sorted(item.scope.name for item in current_items(arrangement))


def test_the_list_takes_a_fixed_number_of_queries(client, customer, django_assert_max_num_queries):
    for _ in range(10):
        share(customer)

    with django_assert_max_num_queries(7):
        assert len(client.get(LIST).json()["results"]) == 10


def test_a_withdrawal_ends_it_and_may_be_repeated(client, customer):
    arrangement = share(customer)

    first = client.post(f"{LIST}/{arrangement.pk}/withdrawal")
    second = client.post(f"{LIST}/{arrangement.pk}/withdrawal")

    assert first.status_code == second.status_code == 200
    assert second.json()["status"] == "withdrawn"
    assert second.json()["ended_at"] == first.json()["ended_at"]


def test_another_customers_arrangement_is_not_there(client, customer):
    foreign = share()

    response = client.post(f"{LIST}/{foreign.pk}/withdrawal")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert client.post(f"{LIST}/{uuid4()}/withdrawal").status_code == 404
    foreign.refresh_from_db()
    assert foreign.status == "active"


def test_without_a_session_or_its_token_nothing_happens(customer):
    arrangement = share(customer)
    strict = Client(enforce_csrf_checks=True)

    assert strict.get(LIST).status_code == 403
    strict.force_login(customer.user)
    assert strict.post(f"{LIST}/{arrangement.pk}/withdrawal").status_code == 403
    arrangement.refresh_from_db()
    assert arrangement.status == "active"


def test_a_person_who_is_no_customer_has_an_empty_list(client):
    client.force_login(UserFactory())

    assert client.get(LIST).json()["results"] == []
