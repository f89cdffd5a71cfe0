from __future__ import annotations

from datetime import timedelta

import factory
from django.utils import timezone

from catalog.plans.models import Environment
from partners.applications.models import Application, Client, DataUse
from partners.organizations.models import Organization
from partners.subscriptions.models import ApprovedUse, Subscription
from tests.factories.catalog import PlanFactory, PurposeFactory, ScopeFactory


class OrganizationFactory(factory.django.DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence("Partner {}".format)
    slug = factory.Sequence("partner-{}".format)
    country = "LT"
    city = "Vilnius"

    class Params:
        approved = factory.Trait(
            status=Organization.Status.APPROVED, approved_at=factory.LazyFunction(timezone.now)
        )


class ApplicationFactory(factory.django.DjangoModelFactory[Application]):
    class Meta:
        model = Application

    organization = factory.SubFactory(OrganizationFactory, approved=True)
    slug = factory.Sequence("app-{}".format)
    name = factory.Sequence("App {}".format)
    tagline = "Does one thing well"

    class Params:
        live = factory.Trait(
            status=Application.Status.LIVE, live_at=factory.LazyFunction(timezone.now)
        )


class ClientFactory(factory.django.DjangoModelFactory[Client]):
    """A sandbox client; `production=True` for the production client of a live application."""

    class Meta:
        model = Client

    application = factory.SubFactory(ApplicationFactory)
    environment = Environment.SANDBOX
    client_id = factory.Sequence("app_test_{:08x}".format)
    client_type = Client.CLIENT_CONFIDENTIAL
    authorization_grant_type = Client.GRANT_AUTHORIZATION_CODE
    redirect_uris = "https://app.example/callback"
    name = factory.LazyAttribute(lambda client: client.application.name)

    class Params:
        production = factory.Trait(
            application=factory.SubFactory(ApplicationFactory, live=True),
            environment=Environment.PRODUCTION,
            client_id=factory.Sequence("app_live_{:08x}".format),
        )


class DataUseFactory(factory.django.DjangoModelFactory[DataUse]):
    class Meta:
        model = DataUse

    application = factory.SubFactory(ApplicationFactory)
    scope = factory.SubFactory(ScopeFactory)
    purpose = factory.SubFactory(PurposeFactory)
    why = "to remind you before you run out."
    is_required = True
    retention_days = 30


class SubscriptionFactory(factory.django.DjangoModelFactory[Subscription]):
    class Meta:
        model = Subscription

    client = factory.SubFactory(ClientFactory, production=True)
    plan = factory.SubFactory(PlanFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=364))


class ApprovedUseFactory(factory.django.DjangoModelFactory[ApprovedUse]):
    class Meta:
        model = ApprovedUse

    subscription = factory.SubFactory(SubscriptionFactory)
    scope = factory.SubFactory(ScopeFactory)
    purpose = factory.SubFactory(PurposeFactory)
    why = "to remind you before you run out."
    is_required = True
    retention_days = 30
