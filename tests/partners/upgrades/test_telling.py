"""Who hears of a change, of what, and by which way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from catalog.apis.models import Operation
from catalog.changes import ending
from catalog.plans.models import Environment, Plan
from consent.gateway.models import Usage
from partners.upgrades.models import Acknowledgement
from portal.access.actors import Role
from portal.demo.clock import at
from portal.events import log
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.catalog import PlanFactory
from tests.factories.changes import parcels, publish, put_in
from tests.factories.partners import ClientFactory, SubscriptionFactory
from tests.factories.people import member, staff, user_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def version():
    return publish(parcels(), at=timezone.now() - 300 * DAY)


@pytest.fixture
def subscription(version):
    plan = Plan.objects.get(api=version.api, environment=Environment.PRODUCTION)
    return SubscriptionFactory(plan=plan, ends_at=timezone.now() + 400 * DAY)


@pytest.fixture
def developer(subscription):
    return member(subscription.client.application.organization, Role.DEVELOPER)


def announce(version, **wishes):
    now = timezone.now()
    found = ending.announce_deprecation(
        version, by=staff(Role.CATALOG), deprecated_at=now, sunset_at=now + 200 * DAY,
        **{"no_successor": "Ask us."} | wishes,
    )  # fmt: skip
    log.deliver_due()
    return found


def test_what_breaks_a_program_is_mailed_at_once_to_who_uses_it(version, developer, subscription):
    stranger = member(SubscriptionFactory().client.application.organization, Role.DEVELOPER)

    put_in(parcels("1.1.0", fields=("id",)))
    log.deliver_due()

    message = Message.objects.get(kind="upgrades/changed")
    assert message.user == user_of(developer)
    assert message.next_attempt_at is not None
    assert "1 of the changes can break a program" in message.text
    assert not Message.objects.filter(user=user_of(stranger)).exists()
    event = Event.objects.get(kind="partners.upgrade.changed")
    assert event.organization_id == subscription.client.application.organization_id
    assert event.facts["breaking_count"] == 1


def test_what_breaks_nobody_is_read_in_the_portal_and_not_mailed(version, developer):
    publish(parcels("2.0.0", fields=("id",)))
    log.deliver_due()

    message = Message.objects.get(kind="upgrades/changed")
    assert message.next_attempt_at is None


def test_an_end_is_told_and_reminded_of_until_it_is_known(version, developer, subscription):
    found = announce(version)
    told = Message.objects.get(kind="upgrades/ending")
    assert told.next_attempt_at is not None
    assert "Ask us." in told.text

    Acknowledgement.objects.create(
        deprecation=found, client=subscription.client, acknowledged_by=user_of(developer)
    )
    with at(timezone.now() + 120 * DAY):
        assert ending.remind_of_ends() == 1
        log.deliver_due()

    reminded = Message.objects.filter(kind="upgrades/ending").latest("pk")
    assert (reminded.pk == told.pk, reminded.next_attempt_at) == (False, None)
    left = Event.objects.filter(kind="partners.upgrade.ending").latest("pk").facts["days_left"]
    assert left == 90


def test_only_the_chosen_segments_are_told(version, developer):
    announce(version, segments=["sandbox"])

    assert not Message.objects.filter(kind="upgrades/ending").exists()


def test_a_partner_sees_its_own_calls_and_says_that_it_knows(version, developer, subscription):
    announce(version)
    browser = Browser()
    browser.force_login(user_of(developer))
    assert "No data" in browser.get("/ends/").content.decode()
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for days, label in ((1, "v1"), (40, "v1"), (1, "v2")):
        Usage.objects.create(
            client=subscription.client, operation_key=f"parcels/{label}/getParcel",
            hour=hour - days * DAY, reason="allowed", call_count=1234,
        )  # fmt: skip

    page = browser.get("/ends/").content.decode()
    assert "<summary>1,234</summary>" in page
    assert "<code>getParcel</code>" in page
    button = page.partition('action="/ends/')[2].partition('"')[0]
    for _ in range(2):
        assert browser.post(f"/ends/{button}").status_code == 302

    known = Acknowledgement.objects.get()
    assert known.acknowledged_by == user_of(developer)
    assert "We know" not in browser.get("/ends/").content.decode()


def test_nobody_acknowledges_for_another_partner(version, subscription):
    found = announce(version)
    other = member(SubscriptionFactory().client.application.organization, Role.OWNER)
    browser = Browser()
    browser.force_login(user_of(other))
    slug = subscription.client.application.slug

    assert browser.post(f"/ends/{slug}/{found.pk}/acknowledgement/").status_code == 404
    assert "Nothing ends" in browser.get("/ends/").content.decode()


def test_who_only_tries_it_out_is_told_in_the_portal_and_once_with_its_application(
    version, developer, subscription
):
    plan = PlanFactory(api=version.api, sandbox=True, code="try")
    trying = ClientFactory()
    tester = member(trying.application.organization, Role.DEVELOPER)
    for client in (trying, ClientFactory(application=subscription.client.application)):
        SubscriptionFactory(client=client, plan=plan, ends_at=timezone.now() + 400 * DAY)

    announce(version)

    told = Message.objects.filter(kind="upgrades/ending").order_by("pk")
    assert {(one.user_id, one.next_attempt_at is None) for one in told} == {
        (user_of(developer).pk, False),
        (user_of(tester).pk, True),
    }
    assert told.count() == 2


def test_the_pages_of_ends_ask_the_same_number_of_questions_for_one_and_for_many(
    version, developer, subscription, django_assert_max_num_queries
):
    found = announce(version)
    Operation.objects.filter(slug="listShops").update(is_deprecated=True)
    second = publish(parcels("2.0.0", fields=("id",)))
    keeper, partner = Browser(), Browser()
    keeper.force_login(user_of(staff(Role.CATALOG)))
    partner.force_login(user_of(developer))
    now = timezone.now()
    pages = (
        (partner, "/ends/", 11),
        (keeper, "/console/ends/", 11),
        (keeper, f"/console/ends/{found.pk}/", 11),
    )
    for browser, address, most in pages:
        with django_assert_max_num_queries(most):
            browser.get(address)
    announce(second)
    others = [
        SubscriptionFactory(plan=subscription.plan, ends_at=now + 400 * DAY).client
        for _ in range(5)
    ]
    for client in (subscription.client, *others):
        for operation in ("getParcel", "listShops", ""):
            Usage.objects.create(
                client=client, operation_key=f"parcels/v1/{operation}", reason="allowed",
                hour=now.replace(minute=0, second=0, microsecond=0), call_count=7,
            )  # fmt: skip

    told = []
    for browser, address, most in pages:
        with django_assert_max_num_queries(most):
            told.append(browser.get(address).content.decode())

    own, every, one = told
    assert own.count("<summary>21</summary>") == 1
    assert others[0].application.name not in own
    assert 'data-label="Clients" class="num">6<' in every
    assert 'data-label="Calls" class="num">126<' in every
    assert one.count("<summary>21</summary>") == 6
    assert "to unknown paths" in one
    assert one.count("Not yet") == 6


def test_deprecated_operations_of_a_version_that_goes_on_are_told_with_their_callers(
    version, developer, subscription
):
    Operation.objects.filter(slug="listShops").update(is_deprecated=True)
    keeper, partner = Browser(), Browser()
    keeper.force_login(user_of(staff(Role.CATALOG)))
    partner.force_login(user_of(developer))
    assert "No call to a deprecated operation" in keeper.get("/console/ends/").content.decode()
    for operation, client in (
        ("listShops", subscription.client),
        ("getParcel", subscription.client),
        ("listShops", ClientFactory(production=True)),
    ):
        Usage.objects.create(
            client=client, operation_key=f"parcels/v1/{operation}", reason="allowed",
            hour=timezone.now().replace(minute=0, second=0, microsecond=0), call_count=31,
        )  # fmt: skip

    own = partner.get("/ends/").content.decode()
    every = keeper.get("/console/ends/").content.decode()

    assert "GET /parcels/" not in own
    assert (own.count("GET /shops"), every.count("GET /shops")) == (1, 2)


def test_an_application_that_may_not_call_it_has_nothing_to_acknowledge(version, subscription):
    found = announce(version)
    other = ClientFactory(production=True).application
    browser = Browser()
    browser.force_login(user_of(member(other.organization, Role.OWNER)))

    answer = browser.post(f"/ends/{other.slug}/{found.pk}/acknowledgement/", follow=True)

    assert "nothing is noted" in answer.content.decode()
    assert not Acknowledgement.objects.exists()
