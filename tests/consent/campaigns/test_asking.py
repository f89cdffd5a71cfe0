"""Asking many anew: counted first, resumable, decided by instants. S22, A7."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from catalog.scopes.models import Purpose
from consent.arrangements.ending import expire_overdue_arrangements, withdraw_arrangement
from consent.arrangements.models import Arrangement
from consent.campaigns import actions, asking, counting
from consent.campaigns.models import Asked, Campaign, Told
from consent.campaigns.tasks import carry_on
from partners.organizations.actors import actor_of
from portal.access.actors import STAFF_ROLES, Role
from portal.errors import Conflict, NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory, share, use_of
from tests.factories.notices import published
from tests.factories.partners import ClientFactory
from tests.factories.people import member, staff
from tests.races.threads import at_once

START = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
DEADLINE = datetime.fromisoformat("2026-04-15T00:00:00+00:00")
WORDS = {"en": "We also keep your address.", "fr": "Nous gardons votre adresse."}
REQUIRED = "consent.arrangement.reconsent_required"


@pytest.fixture
def start(db):
    with time_machine.travel(START, tick=False) as traveller:
        published()
        yield traveller


@pytest.fixture
def mina(start):
    return staff(Role.PRIVACY)


def planned(by, **changes) -> Campaign:
    how = {"kind": "notice", "code": "privacy", "version": 2, "summary": WORDS}
    return actions.plan_campaign(by=by, **how | {"deadline": DEADLINE} | changes)


def shared_by_three() -> list[Arrangement]:
    """Return what three customers share with two apps, one of them with both."""
    one, other = ClientFactory(production=True), ClientFactory(production=True)
    first, *rest = CustomerFactory.create_batch(3)
    return [share(first, one), share(first, other), *(share(each, one) for each in rest)]


def test_s22_the_dry_run_counts_exactly_whom_the_start_asks(start, mina):
    arrangements = shared_by_three()
    share(days=10)  # It ends before the deadline by itself.
    withdraw_arrangement(arrangements[3], by=actor_of(arrangements[3].customer.user))
    published()
    share()  # It was agreed to under the new notice.
    campaign = planned(mina)

    counted = counting.dry_run(campaign, at=timezone.now())

    assert (counted.arrangements, counted.customers, counted.partners) == (3, 2, 2)
    assert counted.ends_before == 1
    assert [(row["arrangements"], row["customers"]) for row in counted.rows] == [(2, 2), (1, 1)]
    assert not Event.objects.filter(kind=REQUIRED).exists()
    actions.start_campaign(campaign, by=mina)
    assert carry_on() == counted.arrangements
    asked = Event.objects.filter(kind=REQUIRED).values_list("subject", flat=True)
    assert sorted(asked) == sorted(f"arrangements.arrangement:{one.pk}" for one in arrangements[:3])


def test_s22_without_an_answer_it_expires_as_superseded_at_the_deadline(start, mina):
    arrangement = share()
    published()
    actions.start_campaign(planned(mina), by=mina)
    carry_on()

    start.move_to(DEADLINE)
    expire_overdue_arrangements()

    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.end_reason) == ("expired", "policy_superseded")
    assert arrangement.ended_at == DEADLINE


def test_s22_who_says_yes_again_goes_on(start, mina):
    arrangement = share()
    use = use_of(scope=arrangement.versions.get().items.first().scope)
    published()
    campaign = planned(mina)
    actions.start_campaign(campaign, by=mina)
    carry_on()

    share(arrangement.customer, arrangement.client, uses=[use])
    start.move_to(DEADLINE + timedelta(minutes=1))
    carry_on()
    expire_overdue_arrangements()

    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.reconsent_by) == ("active", None)
    [row] = counting.outcomes(campaign, at=timezone.now())
    assert (row["asked_count"], row["answered_count"], row["expired_count"]) == (1, 1, 0)


def test_s22_the_partner_is_told_before_and_after(start, mina):
    arrangement = share()
    application = arrangement.client.application
    owner = member(application.organization, Role.OWNER)
    published()
    actions.start_campaign(planned(mina), by=mina)

    for days in (0, 1, 14, 15, 16, 38, 44, 45, 46):
        start.move_to(START + timedelta(days=days, hours=1))
        carry_on()
        carry_on()
        deliver_due()

    told = Event.objects.filter(
        kind__startswith="consent.campaign.", organization_id=application.organization_id
    ).order_by("pk")
    said = [(event.kind.rpartition(".")[2], event.facts.get("days_left")) for event in told]
    assert said == [*(("nearing", days) for days in (45, 30, 7, 1)), ("closed", None)]
    last = told.last()
    assert last.facts["application"] == application.slug
    assert (last.facts["asked_count"], last.facts["expired_count"]) == (1, 1)
    mails = Message.objects.filter(user_id=owner.person_id, kind__startswith="campaigns-partner/")
    assert mails.count() == 5
    assert Campaign.objects.get().status == Campaign.Status.FINISHED


def test_a_job_that_comes_late_tells_of_what_is_near_alone(start, mina):
    share()
    published()
    actions.start_campaign(planned(mina), by=mina)
    carry_on()

    start.move_to(DEADLINE - timedelta(days=3))
    carry_on()

    assert list(Told.objects.order_by("pk").values_list("days", flat=True)) == [45, 7]


def test_the_deadline_holds_for_whom_the_job_never_reached(start, mina):
    arrangement = share()
    published()
    campaign = planned(mina)
    actions.start_campaign(campaign, by=mina)

    start.move_to(DEADLINE + timedelta(hours=1))
    carry_on()

    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.end_reason) == ("expired", "policy_superseded")
    assert arrangement.ended_at == DEADLINE
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.FINISHED


def test_asking_is_resumed_where_it_stopped(start, mina, monkeypatch):
    arrangements = [share() for _ in range(5)]
    published()
    campaign = planned(mina)
    actions.start_campaign(campaign, by=mina)
    monkeypatch.setattr(asking, "BATCH", 2)
    known, calls = asking.ask_again, []

    def dies_at_the_third(*args, **kwargs):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return known(*args, **kwargs)

    monkeypatch.setattr(asking, "ask_again", dies_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        carry_on()
    campaign.refresh_from_db()
    assert campaign.asked_all_at is None
    assert Asked.objects.count() == 2

    assert carry_on() == 3
    assert carry_on() == 0

    assert Event.objects.filter(kind=REQUIRED).count() == len(arrangements)
    campaign.refresh_from_db()
    assert campaign.asked_all_at == START


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_each_customer_once():
    published()
    for _ in range(6):
        share()
    published()
    mina = staff(Role.PRIVACY)
    campaign = planned(mina, deadline=timezone.now() + timedelta(days=40))
    actions.start_campaign(campaign, by=mina)

    at_once(*[partial(carry_on)] * 3)

    assert Event.objects.filter(kind=REQUIRED).count() == 6
    assert Asked.objects.count() == 6
    assert Event.objects.filter(kind="consent.campaign.nearing").count() == 6


def test_a_purpose_in_new_words_is_asked_about_and_answered_in_them(start, mina):
    use = use_of()
    old = Purpose.objects.get(pk=use.purpose_id)
    arrangement = share(uses=[use])
    other = share()
    Purpose.objects.filter(pk=old.pk).update(superseded_at=timezone.now())
    new = Purpose.objects.create(
        code=old.code, version=2, title="Reminders and offers", description="Also offers."
    )
    campaign = planned(mina, kind="purpose", code=old.code, version=2)

    assert counting.dry_run(campaign, at=timezone.now()).arrangements == 1
    actions.start_campaign(campaign, by=mina)
    carry_on()

    arrangement.refresh_from_db()
    other.refresh_from_db()
    assert arrangement.reconsent_notice == f"{old.code}@2"
    assert other.reconsent_by is None
    share(arrangement.customer, arrangement.client, uses=[replace(use, purpose_id=new.pk)])
    [row] = counting.outcomes(campaign, at=timezone.now())
    assert row["answered_count"] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 9},
        {"deadline": START + timedelta(days=13)},
        {"deadline": START + timedelta(days=366)},
        {"kind": "purpose", "code": "no-such-purpose"},
        {"summary": {"fr": "Sans anglais."}},
    ],
    ids=["no such notice", "too soon", "too late", "no such purpose", "no English"],
)
def test_what_nobody_could_answer_is_not_planned(start, mina, changes):
    published()

    with pytest.raises(Exception, match=r"."):
        planned(mina, **changes)

    assert not Campaign.objects.exists()


def test_a_notice_that_is_not_material_asks_nobody(start, mina):
    published(is_material=False)

    with pytest.raises(actions.NothingChanged):
        planned(mina)


def test_a_notice_that_is_not_in_force_asks_nobody_yet(start, mina):
    published(effective_at=START + timedelta(days=5))

    with pytest.raises(actions.NothingChanged):
        planned(mina)


def test_a_plan_is_dropped_before_it_starts_and_never_after(start, mina):
    share()
    published()
    dropped = planned(mina)
    actions.cancel_campaign(dropped, by=mina)
    campaign = planned(mina)
    actions.start_campaign(campaign, by=mina)

    with pytest.raises(Conflict):
        actions.start_campaign(dropped, by=mina)
    with pytest.raises(Conflict):
        actions.cancel_campaign(campaign, by=mina)

    assert carry_on() == 1


@pytest.mark.parametrize("role", sorted(STAFF_ROLES - {Role.PRIVACY}))
def test_nobody_but_the_privacy_officer_asks_again(start, mina, role):
    published()
    campaign = planned(mina)
    other = staff(role)

    for act in (
        lambda: planned(other),
        lambda: actions.start_campaign(campaign, by=other),
        lambda: actions.cancel_campaign(campaign, by=other),
    ):
        with pytest.raises(NotAllowed):
            act()
