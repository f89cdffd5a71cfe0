from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.plans.models import Environment, Plan
from catalog.scopes.models import Scope
from partners.subscriptions.access import access_of, uses_of
from partners.subscriptions.models import Subscription
from tests.factories.partners import (
    ApprovedUseFactory,
    ClientFactory,
    DataUseFactory,
    SubscriptionFactory,
)
from tests.factories.vocabulary import published_api

pytestmark = pytest.mark.django_db


def test_a_sandbox_client_has_what_its_application_says_it_wants(django_assert_num_queries):
    published_api()
    published_api("other")
    client = ClientFactory()
    DataUseFactory(
        application=client.application, scope=Scope.objects.get(name="things:read"), purpose=None
    )
    DataUseFactory(application=client.application, scope=Scope.objects.get(name="other:read"))
    DataUseFactory(scope=Scope.objects.get(name="things.list:read"))

    with django_assert_num_queries(1):
        access = access_of(client, api_slug="things", at=timezone.now())

    assert access.limits == ((1, 50), (86_400, 10_000))
    assert access.ends_at is None
    assert access.scopes == {"things:read"}
    use = access.uses[0]
    assert (use.cluster_code, use.purpose_id, use.retention_days) == ("things", None, 30)
    assert {use.scope for use in uses_of(client, at=timezone.now())} == {
        "things:read",
        "other:read",
    }


def test_there_is_no_access_to_an_api_without_a_plan():
    assert access_of(ClientFactory(), api_slug="unheard-of", at=timezone.now()) is None


def test_a_production_client_has_what_was_approved(django_assert_num_queries):
    api = published_api()
    client = ClientFactory(production=True)
    DataUseFactory(application=client.application, scope=Scope.objects.get(name="things.list:read"))
    plan = api.plans.get(environment=Environment.PRODUCTION)
    subscription = SubscriptionFactory(client=client, plan=plan)
    ApprovedUseFactory(
        subscription=subscription, scope=Scope.objects.get(name="things:read"), is_required=False
    )
    ApprovedUseFactory(subscription=subscription, scope=Scope.objects.get(name="things.list:read"))

    with django_assert_num_queries(1):
        access = access_of(client, api_slug="things", at=timezone.now())
    with django_assert_num_queries(1):
        uses = uses_of(client, at=timezone.now())

    assert access.plan_id == plan.pk
    assert access.limits == ((1, 50), (86_400, 100_000))
    assert access.ends_at == subscription.ends_at
    assert access.uses == uses
    assert [use.scope for use in uses] == ["things.list:read", "things:read"]


def test_access_is_decided_by_instants_not_by_the_sweep():
    api = published_api()
    client = ClientFactory(production=True)
    subscription = SubscriptionFactory(
        client=client, plan=api.plans.get(environment=Environment.PRODUCTION)
    )
    ApprovedUseFactory(subscription=subscription)

    for at, is_open in [
        (subscription.starts_at - timedelta(microseconds=1), False),
        (subscription.starts_at, True),
        (subscription.ends_at - timedelta(microseconds=1), True),
        (subscription.ends_at, False),
    ]:
        assert (access_of(client, api_slug="things", at=at) is not None) is is_open
        assert bool(uses_of(client, at=at)) is is_open


@pytest.mark.parametrize("status", [Subscription.Status.REVOKED, Subscription.Status.EXPIRED])
def test_an_ended_subscription_gives_nothing(status):
    api = published_api()
    client = ClientFactory(production=True)
    SubscriptionFactory(
        client=client,
        plan=api.plans.get(environment=Environment.PRODUCTION),
        status=status,
        ended_at=timezone.now(),
    )

    assert access_of(client, api_slug="things", at=timezone.now()) is None


def test_a_production_client_does_not_live_on_the_sandbox_plan():
    published_api()
    assert Plan.objects.filter(environment=Environment.SANDBOX).exists()

    assert access_of(ClientFactory(production=True), api_slug="things", at=timezone.now()) is None
