"""The list of apps, of one who has few and of one who has many."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from consent.arrangements import ending
from partners.organizations.actors import actor_of
from tests.factories.catalog import DataClusterFactory, ScopeFactory
from tests.factories.consent import CustomerFactory, share, use_of
from tests.factories.decade import a_decade
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
LIST = reverse("arrangements:list")


@pytest.fixture
def customer(client):
    customer = CustomerFactory(user__time_zone="Europe/Vilnius")
    client.force_login(customer.user)
    return customer


def app_client(name: str, company: str = "Halden Health"):
    organization = OrganizationFactory(approved=True, name=company)
    application = ApplicationFactory(
        live=True, name=name, slug=name.lower().replace(" ", "-"), organization=organization
    )
    return ClientFactory(application=application, environment="production")


def names(answer) -> list[str]:
    board = answer.context["board"]
    return [row.arrangement.client.application.name for row in board.page]


@pytest.mark.parametrize("query", ["", "?tab=ended", "?tab=attention", "?q=app&kind=pills"])
def test_500_arrangements_and_ten_years_take_twelve_statements_at_most(
    client, django_assert_max_num_queries, query
):
    customer = a_decade(days_read=3)
    client.force_login(customer.user)

    with django_assert_max_num_queries(12):
        answer = client.get(LIST + query)

    board = answer.context["board"]
    assert board.counts == {"active": 200, "ended": 225, "attention": 0}
    assert answer.text.count('<article class="card">') == (0 if "attention" in query else 12)


def test_what_ends_soon_or_is_stopped_by_us_needs_attention_and_says_why(client, customer):
    share(customer, app_client("Calm"), days=200)
    soon, held = app_client("Soon"), app_client("Held")
    with time_machine.travel(timezone.now() - timedelta(days=87), tick=False):
        share(customer, soon, days=90)
    share(customer, held, days=200)
    held.application.status = "suspended"
    held.application.suspended_at = timezone.now()
    held.application.save()

    answer = client.get(f"{LIST}?tab=attention&sort=name")

    assert names(answer) == ["Held", "Soon"]
    assert "Ends in 3 days" in answer.text
    assert "Paused by Meridian" in answer.text
    assert answer.context["board"].counts["active"] == 3


def test_what_ended_is_one_row_for_each_app_and_none_while_it_runs_again(client, customer):
    refill, coach = app_client("Refill"), app_client("Coach")
    for app in (refill, refill, coach, coach):
        share(customer, app, days=200)
        ending.withdraw_everything(
            customer, by=actor_of(customer.user), application=app.application
        )
    share(customer, coach, days=200)

    assert names(client.get(f"{LIST}?tab=ended")) == ["Refill"]
    assert names(client.get(LIST)) == ["Coach"]


def test_with_more_than_five_one_can_search_filter_and_sort(client, customer):
    DataClusterFactory(code="steps", label="Your steps")
    steps = use_of(ScopeFactory(name="steps:read", cluster_code="steps"))
    for number, name in enumerate(("Beta", "Delta", "Alpha", "Epsilon", "Gamma")):
        share(customer, app_client(name), days=100 - number)
    few = client.get(LIST)
    share(customer, app_client("Zeta", "Kestrel"), uses=[steps], days=300)

    many = client.get(LIST)

    assert 'role="search"' not in few.text
    assert 'role="search"' in many.text
    assert names(client.get(f"{LIST}?sort=name"))[0] == "Alpha"
    assert names(client.get(f"{LIST}?sort=ends"))[0] == "Gamma"
    assert names(client.get(f"{LIST}?q=kestrel")) == ["Zeta"]
    assert names(client.get(f"{LIST}?kind=steps")) == ["Zeta"]
    assert "No app of that kind here" in client.get(f"{LIST}?q=nothing").text


@pytest.mark.parametrize("query", ["tab=x", "sort=x", "kind=%27", "page=9999", "q=" + "x" * 300])
def test_an_address_that_says_nonsense_shows_the_list(client, customer, query):
    share(customer, app_client("Refill"))

    answer = client.get(f"{LIST}?{query}")

    assert answer.status_code == 200
    assert names(answer) == ["Refill"]


def test_a_row_names_three_kinds_of_data_and_counts_the_rest(client, customer):
    share(customer, app_client("Refill"), uses=[use_of() for _ in range(5)])

    answer = client.get(LIST)

    (row,) = answer.context["board"].page
    assert len(row.first_lines) == 3
    assert "and 2 more" in answer.text
