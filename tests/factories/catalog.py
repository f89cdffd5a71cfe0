from __future__ import annotations

import factory
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion, Operation
from catalog.plans.models import Environment, Limit, Plan
from catalog.scopes.models import DataCluster, Depth, DetailType, Purpose, Scope


class PurposeFactory(factory.django.DjangoModelFactory[Purpose]):
    class Meta:
        model = Purpose

    code = factory.Sequence("purpose-{}".format)
    title = "Remind you"
    description = "To tell you before something runs out."


class DataClusterFactory(factory.django.DjangoModelFactory[DataCluster]):
    class Meta:
        model = DataCluster

    code = factory.Sequence("cluster-{}".format)
    label = factory.Sequence("Your things {}".format)
    summary = "What they are called and how many are left."
    permissions = ["Name", "How many are left"]
    depth = Depth.PERSONAL
    max_retention_days = 90


class ScopeFactory(factory.django.DjangoModelFactory[Scope]):
    """A scope that a customer must agree to; `open=True` for one that needs no customer."""

    class Meta:
        model = Scope

    name = factory.Sequence("things{}:read".format)
    title = "Read things"
    description = "Lets an application read things."
    api_slug = "things"
    cluster_code = factory.LazyFunction(lambda: DataClusterFactory().code)

    class Params:
        open = factory.Trait(cluster_code="")


class DetailTypeFactory(factory.django.DjangoModelFactory[DetailType]):
    class Meta:
        model = DetailType

    name = factory.Sequence("thing_order_{}".format)
    title = "Order a thing"
    scope_name = "things:read"
    api_slug = "things"
    schema = factory.LazyFunction(lambda: {"type": "object", "additionalProperties": False})
    lines = factory.LazyFunction(list)


class ApiFactory(factory.django.DjangoModelFactory[Api]):
    class Meta:
        model = Api

    slug = factory.Sequence("api-{}".format)
    name = factory.Sequence("Api {}".format)
    summary = "Things, and what happens to them."

    class Params:
        published = factory.Trait(
            status=Api.Status.PUBLISHED, published_at=factory.LazyFunction(timezone.now)
        )


class ApiVersionFactory(factory.django.DjangoModelFactory[ApiVersion]):
    class Meta:
        model = ApiVersion

    api = factory.SubFactory(ApiFactory)
    label = "v1"
    number = "1.0.0"

    class Params:
        published = factory.Trait(
            api=factory.SubFactory(ApiFactory, published=True),
            status=ApiVersion.Status.STABLE,
            published_at=factory.LazyFunction(timezone.now),
        )


class OperationFactory(factory.django.DjangoModelFactory[Operation]):
    class Meta:
        model = Operation

    version = factory.SubFactory(ApiVersionFactory, published=True)
    slug = factory.Sequence("list-things-{}".format)
    method = "GET"
    path = factory.Sequence("/things{}".format)
    summary = "List things"


class PlanFactory(factory.django.DjangoModelFactory[Plan]):
    """A production plan that needs a review; `sandbox=True` for the automatic sandbox plan."""

    class Meta:
        model = Plan

    api = factory.SubFactory(ApiFactory, published=True)
    code = "production"
    name = "Production"
    environment = Environment.PRODUCTION
    approval = Plan.Approval.REVIEW

    class Params:
        sandbox = factory.Trait(
            code="sandbox",
            name="Sandbox",
            environment=Environment.SANDBOX,
            approval=Plan.Approval.AUTOMATIC,
        )


class LimitFactory(factory.django.DjangoModelFactory[Limit]):
    class Meta:
        model = Limit

    plan = factory.SubFactory(PlanFactory)
    window_seconds = 1
    call_count = 50
