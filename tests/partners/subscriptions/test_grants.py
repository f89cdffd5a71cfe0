"""S6 and S7 of governance.md, and what else holds a given access back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from catalog.plans.models import Environment
from partners.applications.actions import change_redirect_uris
from partners.reviews.actions import cast_vote, open_review
from partners.reviews.models import Verdict
from partners.subscriptions import actions, pausing, reminding, smaller_plans
from partners.subscriptions.access import access_of
from partners.subscriptions.conditions import Kind, Term, meet_condition, strictest
from partners.subscriptions.models import AccessRequest, Condition, Subscription, Tier
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, NotAllowed, Refused
from portal.events import log
from portal.notifications.models import Message
from tests.factories.catalog import LimitFactory, PlanFactory
from tests.factories.gateway import make_gate
from tests.factories.partners import ApprovedUseFactory, SubscriptionFactory
from tests.factories.people import member, staff, user_of
from tests.factories.reviews import access_request, review_of_access, vote

pytestmark = pytest.mark.django_db
Pause = Subscription.Pause


def limits_of(client, api):
    return dict(access_of(client, api_slug=api.slug, at=timezone.now()).limits)


@pytest.fixture
def gate():
    gate = make_gate()
    gate.subscription = Subscription.objects.get(client=gate.world.client)
    organization = gate.world.client.application.organization
    gate.owner = member(organization, Role.OWNER)
    return gate


def test_s6_what_changes_after_a_vote_and_before_the_last_one_is_not_given():
    request = access_request(tier=Tier.HIGH)
    owner = member(request.client.application.organization, Role.OWNER)
    review = open_review(request, by=SYSTEM)
    vote(review, staff(Role.REVIEWER))

    change_redirect_uris(request.client, by=owner, redirect_uris=["https://elsewhere.example/back"])

    with pytest.raises(Conflict) as refusal:
        vote(review, staff(Role.SECURITY))
    assert refusal.value.code == "changed_since"
    assert not Subscription.objects.exists()
    review.refresh_from_db()
    assert review.votes.count() == 1


def test_s6_a_condition_past_its_instant_holds_back_at_once_and_met_restores_the_same_token(gate):
    token, now = gate.token(), timezone.now()
    condition = Condition.objects.create(
        subscription=gate.subscription, kind=Kind.PENTEST, due_at=now + timedelta(hours=1)
    )
    assert gate.ask(token).status_code == 204

    Condition.objects.update(due_at=now - timedelta(seconds=1))

    assert gate.ask(token)["X-Portal-Reason"] == "subscription_missing"
    assert gate.subscription.status == Subscription.Status.ACTIVE  # Nobody wrote anything down.
    with pytest.raises(NotAllowed):
        meet_condition(condition, by=gate.owner)
    meet_condition(condition, by=staff(Role.REVIEWER))
    assert gate.ask(token).status_code == 204
    with pytest.raises(Conflict):
        meet_condition(condition, by=staff(Role.REVIEWER))


def test_s6_of_two_voters_conditions_the_stricter_count():
    review, soon = review_of_access(tier=Tier.HIGH), timezone.now() + timedelta(days=30)
    first = [Term(Kind.PENTEST, due_at=soon), Term(Kind.DAILY_CALLS, call_count=900)]
    second = [Term(Kind.PENTEST, due_at=soon + timedelta(days=9)), Term(Kind.DAILY_CALLS, None, 70)]
    for role, terms in ((Role.REVIEWER, first), (Role.SECURITY, second)):
        cast_vote(
            review,
            by=staff(role),
            verdict=Verdict.APPROVE,
            reason="Read it.",
            digest=review.digest,
            terms=terms,
        )

    subscription = Subscription.objects.get()
    kept = dict(subscription.conditions.values_list("kind", "due_at"))
    assert kept == {"pentest_due": soon, "daily_calls": None}
    api = subscription.plan.api
    assert limits_of(subscription.client, api) == {86_400: 70}


def test_terms_survive_being_written_down():
    terms = [Term(Kind.PENTEST, due_at=timezone.now()), Term(Kind.DAILY_CALLS, call_count=5)]

    assert [Term.from_json(term.as_json()) for term in terms] == terms
    assert strictest(terms + terms) == sorted(terms, key=lambda term: term.kind)


def test_s7_a_grant_ends_at_its_instant_although_nothing_of_ours_runs(gate):
    body = gate.world.exchange(gate.world.code()).json()
    Subscription.objects.update(ends_at=timezone.now() - timedelta(seconds=1))

    assert gate.ask(body["access_token"])["X-Portal-Reason"] == "subscription_missing"
    told = gate.world.post("/oauth/introspect", token=body["access_token"]).json()
    assert told == {"active": False}
    refused = gate.world.refresh(body["refresh_token"])
    assert refused.status_code == 400

    actions.expire_overdue_subscriptions()
    actions.expire_overdue_subscriptions()
    for _ in range(2):
        reminding.remind_of_access()
        log.deliver_due()
    told = Message.objects.filter(user=gate.owner.person_id, kind="subscriptions/ending")
    assert told.count() == 1


@pytest.mark.parametrize(
    ("tier", "days"),
    [
        pytest.param(Tier.MODERATE, 365, id="moderate"),
        pytest.param(Tier.HIGH, 183, id="high"),
        pytest.param(Tier.SEVERE, 92, id="severe"),
    ],
)
def test_a_riskier_grant_is_shorter(tier, days):
    review = review_of_access(tier=tier)
    vote(review, staff(Role.REVIEWER))
    if tier >= Tier.HIGH:
        vote(review, staff(Role.SECURITY))

    given = Subscription.objects.get()
    assert given.ends_at - given.starts_at == timedelta(days=days)


def test_silence_refuses_a_request_before_and_after_somebody_wrote_it_down():
    review = review_of_access()
    long_ago = timezone.now() - timedelta(days=14)
    AccessRequest.objects.update(requested_at=long_ago)

    with pytest.raises(Conflict) as refusal:
        vote(review, staff(Role.REVIEWER))
    assert refusal.value.code == "lapsed"
    assert actions.lapse_overdue_requests() == 1
    assert actions.lapse_overdue_requests() == 0
    log.deliver_due()

    request = AccessRequest.objects.get()
    assert request.status == AccessRequest.Status.REJECTED
    review.refresh_from_db()
    assert review.status == "withdrawn"


def test_an_access_rests_until_the_last_reason_is_gone(gate):
    token, officer = gate.token(), staff(Role.SECURITY)
    given = gate.subscription
    pausing.pause_subscription(given, by=gate.owner, reason=Pause.PARTNER)
    pausing.pause_subscription(given, by=officer, reason=Pause.SECURITY)
    with pytest.raises(Conflict):
        pausing.pause_subscription(given, by=officer, reason=Pause.SECURITY)
    with pytest.raises(NotAllowed):
        pausing.resume_subscription(given, by=gate.owner, reason=Pause.SECURITY)

    pausing.resume_subscription(given, by=gate.owner, reason=Pause.PARTNER)
    assert gate.ask(token)["X-Portal-Reason"] == "subscription_missing"
    pausing.resume_subscription(given, by=officer, reason=Pause.SECURITY)

    assert gate.ask(token).status_code == 204


def test_a_larger_plan_replaces_the_smaller_one_when_it_is_approved_and_back_without_review():
    first = SubscriptionFactory(plan=PlanFactory(code="small"))
    api, client = first.plan.api, first.client
    LimitFactory(plan=first.plan, window_seconds=60, call_count=10)
    large = PlanFactory(api=api, code="large", environment=Environment.PRODUCTION)
    LimitFactory(plan=large, window_seconds=60, call_count=100)
    asked = access_request(client=client)
    AccessRequest.objects.filter(pk=asked.pk).update(plan=large, uses=[])
    asked.refresh_from_db()
    asked.digest = actions.current_digest(asked)
    asked.save()

    actions.approve_access(asked, by=staff(Role.REVIEWER))

    assert limits_of(client, api) == {60: 100}
    first.refresh_from_db()
    assert first.status == Subscription.Status.EXPIRED
    given = Subscription.objects.live().get()
    ApprovedUseFactory(subscription=given)
    Condition.objects.create(subscription=given, kind=Kind.DAILY_CALLS, call_count=5)
    owner = member(client.application.organization, Role.OWNER)

    smaller = smaller_plans.take_smaller_plan(given, by=owner, plan=first.plan)

    assert limits_of(client, api) == {60: 10, 86_400: 5}
    assert (smaller.uses.count(), smaller.ends_at) == (1, given.ends_at)
    with pytest.raises(Refused):
        smaller_plans.take_smaller_plan(smaller, by=owner, plan=large)
    assert Subscription.objects.live().get() == smaller


def test_a_partner_pauses_and_takes_a_smaller_plan_and_staff_take_what_was_owed(gate):
    given, browser = gate.subscription, signed_in(gate.owner)
    LimitFactory(plan=given.plan, window_seconds=60, call_count=100)
    small = PlanFactory(api=given.plan.api, code="small", name="Small")
    LimitFactory(plan=small, window_seconds=60, call_count=10)
    Condition.objects.create(
        subscription=given, kind=Kind.PENTEST, due_at=timezone.now() - timedelta(days=1)
    )
    page = given.get_absolute_url()

    assert "Calls are refused until we have it" in browser.get(page).content.decode()
    officer = signed_in(staff(Role.SECURITY))
    desk = f"/console/access/{given.pk}/"
    assert "Take as met" in officer.get(desk).content.decode()
    officer.post(f"{desk}conditions/pentest_due/")
    assert "Works" in browser.get(page).content.decode()
    browser.post(f"{page}pause/")
    officer.post(f"{desk}pause/")
    paused = browser.get(page).content.decode()
    assert "You paused it" in paused
    assert "Our security team paused it" in paused
    browser.post(f"{page}plan/", {"plan": "small"})

    smaller = Subscription.objects.live().get()
    assert (smaller.plan, smaller.pauses) == (small, ["partner", "security"])
    assert (
        officer.post(f"/console/access/{smaller.pk}/end/", {"reason": "Over."}).status_code == 302
    )
    assert not Subscription.objects.live().exists()
    assert "Ended" in browser.get(page).content.decode()


def signed_in(actor):
    browser = Browser()
    browser.force_login(user_of(actor))
    return browser
