from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.plans.models import Environment
from partners.applications.actions import change_redirect_uris, change_uses, suspend_application
from partners.applications.models import Application
from partners.subscriptions import actions
from partners.subscriptions.digest import current_digest, digest_of
from partners.subscriptions.models import AccessRequest, Subscription, Tier
from partners.subscriptions.production import production_of
from partners.subscriptions.tasks import expire_overdue_subscriptions
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.models import Event
from tests.factories.catalog import ApiVersionFactory, OperationFactory
from tests.factories.partners import (
    ClientFactory,
    DataUseFactory,
    OrganizationFactory,
    SubscriptionFactory,
)
from tests.factories.people import member, staff
from tests.factories.vocabulary import published_api, wanted

pytestmark = pytest.mark.django_db


class World:
    """An approved partner whose sandbox application wants what one API has."""

    def __init__(self):
        self.api = published_api()
        self.plan = self.api.plans.get(environment=Environment.PRODUCTION)
        self.client = ClientFactory()
        self.application = self.client.application
        self.organization = self.application.organization
        self.developer = member(self.organization, Role.DEVELOPER)
        self.reviewer = staff(Role.REVIEWER)
        change_uses(self.application, by=self.developer, uses=[wanted()])

    def ask(self, **changes):
        values = {"by": self.developer, "plan": self.plan, "purpose": "Reminders."}
        return actions.request_access(self.client, **{**values, **changes})


@pytest.fixture
def world():
    return World()


def test_a_request_is_a_snapshot_of_what_is_decided_on(world):
    request = world.ask()

    assert request.client.environment == Environment.PRODUCTION
    assert request.number == f"REQ-{request.pk:04d}"
    assert [use["scope"] for use in request.uses] == ["things:read"]
    assert request.tier == Tier.HIGH
    assert request.digest == current_digest(request)
    event = Event.objects.get(kind="partners.access.requested")
    assert event.facts["number"] == request.number
    assert event.organization_id == world.organization.pk


def test_an_api_that_changes_things_weighs_more(world):
    OperationFactory(
        version__api=world.api, version__published=True, method="POST", scopes=["things:read"]
    )

    assert actions.assess(world.ask().uses, world.plan).points == 7


def test_an_organization_that_is_not_approved_cannot_ask(world):
    organization = OrganizationFactory()
    Application.objects.update(organization=organization)
    world.client.refresh_from_db()

    with pytest.raises(Conflict) as refusal:
        world.ask(by=member(organization, Role.DEVELOPER))

    assert refusal.value.code == "organization_not_approved"


def test_only_a_production_plan_can_be_asked_for(world):
    with pytest.raises(Refused) as refusal:
        world.ask(plan=world.api.plans.get(environment=Environment.SANDBOX))

    assert refusal.value.code == "plan_not_open"


def test_a_request_needs_uses_of_that_api(world):
    other = published_api("other").plans.get(environment=Environment.PRODUCTION)

    with pytest.raises(Refused) as refusal:
        world.ask(plan=other)

    assert refusal.value.code == "uses_missing"


def test_a_request_needs_a_confidential_way_back(world, settings):
    settings.IS_SECURE = True
    change_redirect_uris(world.client, by=world.developer, redirect_uris=["http://127.0.0.1:5000/"])

    with pytest.raises(Refused) as refusal:
        world.ask()

    assert refusal.value.code == "redirect_missing"
    assert world.application.clients.count() == 1


def test_one_request_is_open_at_a_time_and_a_withdrawn_one_makes_room(world):
    request = world.ask()

    with pytest.raises(Conflict) as refusal:
        world.ask()
    assert refusal.value.code == "request_open"
    actions.withdraw_request(request, by=world.developer)

    assert world.ask().pk != request.pk


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECURITY_CONTACT])
def test_a_member_without_the_role_may_not_ask(world, role):
    with pytest.raises(NotAllowed):
        world.ask(by=member(world.organization, role))


def test_approval_gives_the_access_and_the_application_goes_live(world):
    request = world.ask()

    subscription = actions.approve_access(request, by=world.reviewer)

    assert subscription.client.is_live
    assert Application.objects.get().status == Application.Status.LIVE
    assert [use.scope.name for use in subscription.uses.all()] == ["things:read"]
    assert subscription.ends_at - subscription.starts_at == timedelta(days=183)
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-3:] == [
        "partners.application.live",
        "partners.access.approved",
        "partners.subscription.activated",
    ]
    with pytest.raises(Conflict):
        actions.approve_access(request, by=world.reviewer)


def test_a_later_approval_replaces_the_earlier_one(world):
    first = actions.approve_access(world.ask(), by=world.reviewer)
    change_uses(
        world.application,
        by=world.developer,
        uses=[wanted(), wanted(scope="things.list:read")],
    )

    second = actions.approve_access(world.ask(), by=world.reviewer)

    assert list(Subscription.objects.live()) == [second]
    first.refresh_from_db()
    assert first.status == Subscription.Status.EXPIRED
    assert second.uses.count() == 2


def change_redirects(world, request):
    change_redirect_uris(
        request.client, by=world.developer, redirect_uris=["https://evil.example/"]
    )


def keep_longer(world, _request):
    change_uses(world.application, by=world.developer, uses=[wanted(retention_days=90)])


def rename(_world, _request):
    Application.objects.update(name="Other")


@pytest.mark.parametrize("change", [change_redirects, keep_longer, rename])
def test_what_changes_after_the_question_cannot_be_approved(world, change):
    change(world, world.ask())
    request = AccessRequest.objects.get()

    with pytest.raises(Conflict) as refusal:
        actions.approve_access(request, by=world.reviewer)

    assert refusal.value.code == "changed_since"
    assert not Subscription.objects.exists()


def test_nobody_decides_about_the_own_organization(world):
    request = world.ask()
    insider = member(world.organization, Role.OWNER)
    both = type(insider)(
        id=insider.id,
        name=insider.name,
        roles=frozenset({Role.REVIEWER}),
        memberships=insider.memberships,
        person_id=insider.person_id,
    )

    for actor in (insider, both):
        with pytest.raises(NotAllowed):
            actions.approve_access(request, by=actor)
        with pytest.raises(NotAllowed):
            actions.reject_access(request, by=actor, reason="-")


def test_a_suspended_application_is_not_approved(world):
    request = world.ask()
    suspend_application(world.application, by=staff(Role.SECURITY), reason="A leak.")
    request.client.application.refresh_from_db()

    with pytest.raises(Conflict) as refusal:
        actions.approve_access(request, by=world.reviewer)

    assert refusal.value.code == "application_suspended"


def test_a_rejection_keeps_its_reason(world):
    request = world.ask()

    actions.reject_access(request, by=world.reviewer, reason="Say how you delete it.")

    assert AccessRequest.objects.get().reason == "Say how you delete it."
    assert not Subscription.objects.exists()


def test_revoking_ends_the_access():
    subscription = SubscriptionFactory()

    actions.revoke_subscription(subscription, by=staff(Role.SECURITY), reason="A leak.")

    assert not Subscription.objects.active(at=timezone.now()).exists()
    with pytest.raises(Conflict):
        actions.revoke_subscription(subscription, by=staff(Role.SECURITY), reason="A leak.")
    with pytest.raises(NotAllowed):
        actions.revoke_subscription(
            SubscriptionFactory(), by=staff(Role.REVIEWER), reason="A leak."
        )


def test_the_sweep_writes_down_what_the_clock_decided_once():
    now = timezone.now()
    due = SubscriptionFactory(starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))
    SubscriptionFactory()

    assert expire_overdue_subscriptions() == 1
    assert expire_overdue_subscriptions() == 0

    due.refresh_from_db()
    assert due.status == Subscription.Status.EXPIRED
    assert due.ended_at == due.ends_at
    assert Event.objects.filter(kind="partners.subscription.expired").count() == 1


def test_the_digest_sees_everything_but_the_order_of_addresses():
    base = {
        "application": "A",
        "redirect_uris": ["https://a.example/", "https://b.example/"],
        "uses": [{"scope": "things:read", "why": "é"}],
        "plan": "things/production",
        "purpose": "P",
    }
    changes = [
        {"application": "B"},
        {"redirect_uris": ["https://a.example/"]},
        {"uses": []},
        {"plan": "things/other"},
        {"purpose": "Q"},
    ]

    digests = {digest_of(**{**base, **change}) for change in [{}, *changes]}

    assert len(digests) == 6
    assert digest_of(**{**base, "redirect_uris": base["redirect_uris"][::-1]}) in digests


def test_a_number_finds_its_request(world):
    request = world.ask()

    assert AccessRequest.objects.numbered(request.number).get() == request
    for number in ("REQ-", "REQ-1", "7", "REQ-000000000000000000", "REQ-٠٠٠٧", "REQ-999999999999"):
        assert not AccessRequest.objects.numbered(number).exists()


def test_a_foreign_request_is_not_seen(world):
    world.ask()
    DataUseFactory()

    assert AccessRequest.objects.visible_to(world.developer).count() == 1
    assert not AccessRequest.objects.visible_to(member(OrganizationFactory(), Role.OWNER)).exists()


def test_an_api_whose_versions_have_all_ended_gives_no_new_access(world):
    now = timezone.now()
    dates = {"deprecated_at": now - timedelta(days=9), "sunset_at": now - timedelta(days=1)}
    ApiVersionFactory(api=world.api, status="stable", published_at=now, **dates)

    with pytest.raises(Conflict) as refusal:
        world.ask()

    assert refusal.value.code == "api_ended"
    assert production_of(world.application, at=now) == []
    ApiVersionFactory(api=world.api, label="v2", status="stable", published_at=now)
    assert world.ask().status == AccessRequest.Status.IN_REVIEW
