from __future__ import annotations

import csv
import io

import pytest
from django.db import transaction

from portal.access.actors import SYSTEM, Role
from portal.events.log import record
from portal.events.models import Event
from portal.events.people import account_of
from tests.factories.partners import OrganizationFactory
from tests.factories.people import UserFactory, staff, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client):
    actor = staff(Role.SECURITY)
    client.force_login(user_of(actor))
    return actor


def happen(kind: str = "partners.review.decided", *, by=SYSTEM, count: int = 1) -> None:
    organization = OrganizationFactory()
    with transaction.atomic():
        for _ in range(count):
            record(kind, organization, by=by, organization_id=organization.pk, verdict="approve")


def rows(response) -> list:
    return [entry for _, entries in response.context["days"] for entry in entries]


@pytest.mark.parametrize("address", ["/console/audit/", "/console/audit/export/"])
def test_only_those_who_oversee_may_read(client, address):
    assert client.get(address).headers["Location"].startswith("/sign-in/?next=")
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404
    client.force_login(user_of(staff(Role.REVIEWER)))
    assert client.get(address).status_code == 403


def test_reading_is_written_down_without_the_words_that_were_looked_for(client, officer):
    client.get("/console/audit/?actor=somebody@example.org")

    event = Event.objects.get(kind="audit.log.read")
    assert account_of(int(event.actor.removeprefix("user:"))) == officer.person_id
    assert event.facts == {"filters": ["actor"]}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?kind=consent.arrangement.", 1),
        ("?actor=OFFICER", 1),
        ("?actor=nobody@example.org", 0),
        ("?request_id=nothing", 0),
        ("?since=2020-01-01&until=2020-01-31", 0),
        ("?since=2020-01-01", 3),
        ("?kind=nonsense&since=x&before=x", 3),
    ],
)
def test_the_log_can_be_narrowed(client, officer, query, count):
    happen(count=1)
    happen("consent.arrangement.given")
    happen("partners.credential.issued", by=officer)
    query = query.replace("OFFICER", user_of(officer).email.upper())

    response = client.get(f"/console/audit/{query}")

    assert response.status_code == 200
    assert len(rows(response)) == count


def test_pages_go_on_where_the_last_one_ended(client, officer):
    happen(count=60)

    first = client.get("/console/audit/?kind=partners.review.")
    second = client.get(
        f"/console/audit/?kind=partners.review.&before={first.context['following']}"
    )

    assert (len(rows(first)), len(rows(second))) == (50, 10)
    assert second.context["following"] is None
    assert rows(first)[-1].event.pk > rows(second)[0].event.pk


def test_a_page_costs_the_same_however_many_people_are_on_it(
    client, officer, django_assert_max_num_queries
):
    for _ in range(6):
        happen(by=staff(Role.REVIEWER))

    with django_assert_max_num_queries(14):
        page = client.get("/console/audit/").content.decode()

    assert "Review decided" in page


def test_the_export_holds_what_the_filter_shows_and_no_formula(client, officer):
    happen("consent.arrangement.given")
    happen("=cmd", by=officer)

    response = client.get("/console/audit/export/")
    lines = list(csv.DictReader(io.StringIO(response.content.decode())))

    assert [line["kind"] for line in lines] == [
        "audit.log.exported",
        "'=cmd",
        "consent.arrangement.given",
    ]
    assert Event.objects.filter(kind="audit.log.exported").count() == 1
