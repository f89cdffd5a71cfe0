"""S8 of governance.md: everything of a partner ends, whatever happens to the worker meanwhile."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from consent.arrangements.models import Arrangement
from consent.oauth.models import AccessToken, RefreshToken
from partners.applications.models import Application, Client, Credential
from partners.endings import carrying, steps
from partners.endings.actions import end_relationship
from partners.endings.events import EndingEvent
from partners.endings.models import Ending
from partners.endings.steps import ORDER, Step
from partners.organizations.actors import actor_of
from partners.organizations.models import Membership, Organization
from partners.reviews.actions import open_review
from partners.reviews.models import Review
from partners.subscriptions.models import AccessRequest, Subscription
from partners.webhooks.actions import add_endpoint
from partners.webhooks.models import Endpoint, Message
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, NotAllowed
from portal.events import log
from portal.events.models import Event
from tests.architecture.population import sign_in
from tests.factories.consent import share, use_of
from tests.factories.gateway import make_gate
from tests.factories.partners import OrganizationFactory, SubscriptionFactory
from tests.factories.people import UserFactory, member, staff, user_of
from tests.factories.reviews import access_request
from tests.races.threads import at_once

REVOKED = "consent.arrangement.revoked"


class Partner:
    """An organization with all that can be alive, and a member who is elsewhere too."""

    def __init__(self):
        self.gate = make_gate()
        self.world = self.gate.world
        self.client = self.world.client
        self.organization = self.client.application.organization
        self.tokens = self.world.exchange(self.world.code()).json()
        self.code = self.world.agreed()
        self.owner = member(self.organization, Role.OWNER)
        use = use_of(is_required=True)
        for _ in range(3):
            share(client=self.client, uses=[use])
        add_endpoint(self.organization, by=self.owner, url="http://127.0.0.1:9/hooks")
        asked = access_request(client=self.client, asker=self.owner)
        open_review(asked, by=SYSTEM)
        self.elsewhere = OrganizationFactory(approved=True)
        self.both = UserFactory()
        for place in (self.organization, self.elsewhere):
            Membership.objects.create(organization=place, user=self.both, roles=[Role.OWNER])

    def end(self):
        return end_relationship(self.organization, by=staff(Role.SECURITY), reason="It leaked.")


@pytest.mark.django_db
def test_everything_is_refused_before_any_step_is_taken():
    partner = Partner()

    partner.end()

    access, refresh = partner.tokens["access_token"], partner.tokens["refresh_token"]
    assert partner.gate.ask(access)["X-Portal-Reason"] == "application_inactive"
    assert partner.world.refresh(refresh).status_code == 401
    assert partner.world.exchange(partner.code).status_code == 401
    tokens = AccessToken.objects.select_related("arrangement", "user")
    assert not any(token.is_live(at=timezone.now()) for token in tokens)
    assert actor_of(user_of(partner.owner)).memberships == {}
    assert not Message.objects.due(at=timezone.now()).exists()


@pytest.mark.django_db
def test_an_ending_leaves_nothing_alive_and_touches_nobody_else():
    partner = Partner()
    other = SubscriptionFactory()

    ending = partner.end()
    assert carrying.carry_on_endings() == 1

    ending.refresh_from_db()
    assert ending.status == Ending.Status.ENDED
    assert set(ending.steps.values_list("left", flat=True)) == {0}
    assert not ending.steps.filter(done_at=None).exists()
    assert sum(steps.count_left(step, partner.organization) for step in ORDER) == 0
    assert not Credential.objects.filter(client=partner.client, revoked_at=None).exists()
    assert Client.objects.filter(application__organization=partner.organization).exists()
    assert Endpoint.objects.get().sealed_secret == ""
    assert Review.objects.get().status == Review.Status.WITHDRAWN
    assert AccessRequest.objects.get().status == AccessRequest.Status.WITHDRAWN
    other.refresh_from_db()
    assert other.status == Subscription.Status.ACTIVE
    log.deliver_due()
    assert steps.count_left(Step.SIGNALS, partner.organization) == 0


@pytest.mark.django_db
def test_a_member_of_another_organization_too_keeps_that_session_for_the_other_one():
    partner = Partner()
    only_here, here_too = sign_in(user_of(partner.owner)), sign_in(partner.both)

    partner.end()
    carrying.carry_on_endings()

    assert only_here.get("/team/").status_code == 302
    page = here_too.get("/team/")
    assert page.status_code == 200
    assert page.context["organization"] == partner.elsewhere


@pytest.mark.django_db
def test_who_was_overtaken_writes_nothing_more():
    ending = Partner().end()
    stale = carrying.claim()
    Ending.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert carrying.claim() is not None

    with pytest.raises(carrying.Overtaken):
        carrying.carry_on(stale)

    assert not ending.steps.filter(done_at__isnull=False).exists()
    assert Subscription.objects.live().exists()
    assert carrying.claim() is None  # It is held by the other.


@pytest.mark.django_db
def test_a_step_that_leaves_something_alive_does_not_count_as_done(monkeypatch):
    ending = Partner().end()
    monkeypatch.setitem(steps._parts, Step.WEBHOOKS, [steps.Part(lambda _: 0, lambda _: 2)])

    assert carrying.carry_on_endings() == 0

    ending.refresh_from_db()
    assert ending.status == Ending.Status.RUNNING
    assert ending.steps.get(code=Step.SECRETS).done_at is not None
    assert ending.steps.get(code=Step.WEBHOOKS).done_at is None


@pytest.mark.django_db
def test_who_may_end_a_relationship_and_that_it_happens_once():
    organization = OrganizationFactory(approved=True)
    officer = staff(Role.SECURITY)
    for actor in (staff(Role.REVIEWER), member(organization, Role.OWNER)):
        with pytest.raises(NotAllowed):
            end_relationship(organization, by=actor, reason="-")

    end_relationship(organization, by=officer, reason="-")

    with pytest.raises(Conflict):
        end_relationship(Organization.objects.get(), by=officer, reason="-")
    assert Ending.objects.count() == 1


def test_every_step_has_somebody_who_carries_it_out():
    assert steps.without_part() == set()


# From Python 3.12 on a fork beside threads warns; the child does nothing but this.
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.django_db(transaction=True)
def test_s8_killed_after_each_step_s_effect_the_ending_goes_on_and_each_effect_happened_once():
    partner = Partner()
    ending = partner.end()

    for step in ORDER:
        die_at(step)
        ending.refresh_from_db()
        assert ending.status == Ending.Status.RUNNING
        Ending.objects.update(leased_until=timezone.now())
    assert carrying.carry_on_endings() == 1

    ending.refresh_from_db()
    assert ending.epoch == len(ORDER) + 1
    assert sum(steps.count_left(step, partner.organization) for step in ORDER) == 0
    done = Event.objects.filter(kind=EndingEvent.STEP_DONE).values_list("facts__step", flat=True)
    assert Counter(done) == Counter(step.value for step in ORDER if step != Step.PROBE)
    assert Event.objects.filter(kind=EndingEvent.ENDED).count() == 1
    ended = Event.objects.filter(kind=REVOKED).values_list("subject", flat=True)
    assert len(ended) == len(set(ended)) == Arrangement.objects.count()
    for kind in ("partners.subscription.revoked", "partners.application.closed"):
        subjects = Event.objects.filter(kind=kind).values_list("subject", flat=True)
        assert len(subjects) == len(set(subjects)) > 0
    assert Application.objects.filter(organization=partner.organization).get().closed_at
    counts = dict(ending.steps.values_list("code", "count"))
    assert (counts[Step.CONSENTS], counts[Step.SUBSCRIPTIONS]) == (4, 1)


def die_at(step: Step) -> None:
    """Have another process carry on, and kill it when a step's work is done and not noted."""
    connections.close_all()  # A child must not speak over its parent's connections.
    pid = os.fork()
    if pid == 0:
        try:
            real = carrying.record

            def dies(kind, *given, **facts):
                last = step == Step.PROBE and kind == EndingEvent.ENDED
                if facts.get("step") == step.value or last:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(kind, *given, **facts)

            carrying.record = dies
            carrying.carry_on_endings()
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.django_db(transaction=True)
def test_s8_a_refresh_that_races_the_end_yields_nothing_or_a_token_that_is_inactive():
    partner = Partner()
    refresh = partner.tokens["refresh_token"]

    answer, _ = at_once(lambda: partner.world.refresh(refresh), partner.end)

    if answer.status_code == 200:
        said = partner.gate.ask(answer.json()["access_token"])
        assert said["X-Portal-Reason"] == "application_inactive"
    tokens = AccessToken.objects.select_related("arrangement", "user")
    assert not any(token.is_live(at=timezone.now()) for token in tokens)
    carrying.carry_on_endings()
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert not AccessToken.objects.filter(revoked_at=None).exists()
