"""The privacy officer sees counts, lags and open requests, not people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.arrangements.changing import pause_arrangement
from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement
from consent.campaigns import actions as campaigns
from consent.campaigns.tasks import carry_on
from consent.oversight import figures
from consent.oversight.figures import AppRow
from consent.rights.actions import ask
from consent.rights.models import DataRequest
from partners.organizations.actors import actor_of
from partners.webhooks import actions as webhooks
from partners.webhooks.models import Attempt, Message
from portal.access.actors import Role
from portal.events.log import deliver_due
from portal.events.models import Event
from tests.factories.consent import CustomerFactory, share
from tests.factories.notices import published
from tests.factories.partners import ClientFactory
from tests.factories.people import member, staff, user_of

PAGE = "/console/privacy/"


@pytest.fixture
def mina(db):
    return staff(Role.PRIVACY)


@pytest.fixture
def console(mina, client):
    client.force_login(user_of(mina))
    return client


def fill(count: int) -> list[Arrangement]:
    """Let as many customers share with each of as many apps, and some of them do more."""
    shared = []
    for _ in range(count):
        app = ClientFactory(production=True)
        for place in range(count):
            customer = CustomerFactory(user__name=f"Zebedee {len(shared)} Quill")
            arrangement = share(customer, app)
            shared.append(arrangement)
            by = actor_of(customer.user)
            if place == 0:
                withdraw_arrangement(arrangement, by=by)
            if place == 1:
                pause_arrangement(arrangement, by=by)
            ask(customer.user, by=by, kind=DataRequest.Kind.COMPLAINT, words="Too late.")
    return shared


def test_it_asks_the_database_as_often_for_many_as_for_few(
    console, mina, django_assert_num_queries
):
    published()
    fill(2)
    published()
    for version in (1, 2):
        campaigns.start_campaign(
            campaigns.plan_campaign(
                by=mina,
                kind="notice",
                code="privacy",
                version=version,
                summary={"en": "New."},
                deadline=timezone.now() + timedelta(days=20),
            ),
            by=mina,
        )
    carry_on()

    console.get(PAGE)
    with django_assert_num_queries(15):
        console.get(PAGE)
    fill(3)
    with django_assert_num_queries(15):
        console.get(PAGE)


def test_no_customer_is_named_on_it(console):
    shared = fill(3)

    page = console.get(PAGE).text

    for arrangement in shared:
        user = arrangement.customer.user
        for secret in (
            user.name,
            user.email,
            str(arrangement.pk),
            str(arrangement.customer.public_id),
        ):
            assert secret not in page
    assert "Zebedee" not in page
    assert "Too late." not in page
    assert shared[0].client.application.name in page


def test_what_lives_is_paused_and_ended_is_counted_by_reason(console):
    fill(3)
    share(client=ClientFactory())  # A test customer is nobody.

    context = console.get(PAGE).context

    assert (context["states"]["live"], context["states"]["paused"]) == (3, 3)
    assert context["states"]["ended"] == 3
    assert [count for _, count in context["endings"]] == [3]


def test_what_the_clock_ended_is_overdue_until_a_job_writes_it_down(mina):
    arrangement = share(days=1)

    later = arrangement.ends_at + timedelta(hours=1)

    assert figures.states(at=later)["overdue"] == 1
    assert figures.states(at=later)["live"] == 0


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([], []),
        ([9, 7, 5], [9, 7, 5]),
        ([9, 7, 4], [9, None, None]),
        ([9, 4, 3], [9, None, None]),
        ([4], [None]),
        ([9, 1], [None, None]),
        ([4, 3, 2, 1], [None] * 4),
    ],
    ids=["none", "large", "one small takes one along", "two", "alone", "pair", "all"],
)
def test_a_small_count_is_not_told_and_cannot_be_subtracted(counts, shown):
    rows = [AppRow("app", "partner", count) for count in counts]

    assert [row.live for row in figures.suppressed(rows)] == shown


def test_the_lag_of_a_withdrawal_is_from_its_commit_to_its_delivery(mina):
    arrangement = share()
    organization = arrangement.client.application.organization
    webhooks.add_endpoint(
        organization, by=member(organization, Role.OWNER), url="https://a.example/"
    )
    withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))
    deliver_due()
    event = Event.objects.get(kind=figures.WITHDRAWN)
    message = Message.objects.get(event=event)
    for number, seconds in enumerate((2, 4), start=1):
        at = event.recorded_at + timedelta(seconds=seconds)
        Attempt.objects.create(message=message, number=number, started_at=at, outcome="delivered")

    hooks, pushed, polled = figures.lags(at=timezone.now())

    assert (hooks.count, hooks.longest) == (2, timedelta(seconds=4))
    assert hooks.p95 == timedelta(seconds=3.9)
    assert (pushed.count, polled.count) == (0, 0)


def test_what_waits_shows_since_when_and_what_was_given_up(mina):
    arrangement = share()
    deliver_due()
    before = figures.queues(at=timezone.now())
    withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))

    news, hooks, mails = figures.queues(at=timezone.now() + timedelta(hours=1))

    assert before[0]["count"] == 0
    assert news["count"] == news["late"] > 0
    assert news["oldest"] == Event.objects.get(kind=figures.WITHDRAWN).recorded_at
    assert mails["count"] == 1  # The confirmation of what was shared is not sent yet.
    assert hooks["count"] == news["parked"] == 0


def test_open_requests_stand_by_their_clock(mina):
    customer = CustomerFactory()
    ask(customer.user, by=actor_of(customer.user), kind=DataRequest.Kind.COMPLAINT, words="Hm.")
    request = DataRequest.objects.get()

    [early] = figures.requests(at=request.due_at - timedelta(days=8))
    [soon] = figures.requests(at=request.due_at - timedelta(days=6))
    [late] = figures.requests(at=request.due_at)

    assert [(row["soon"], row["late"]) for row in (early, soon, late)] == [(0, 0), (1, 0), (0, 1)]
