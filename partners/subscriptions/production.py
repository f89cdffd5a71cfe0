"""How far an application is with production, API by API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from catalog.apis.models import Api
from catalog.plans.models import Environment, Plan
from partners.applications.models import Application
from partners.subscriptions.models import AccessRequest, Subscription


@dataclass(frozen=True, slots=True)
class Production:
    """`request` is the latest one, whatever became of it."""

    plan: Plan
    subscription: Subscription | None
    request: AccessRequest | None

    @property
    def may_be_asked_for(self) -> bool:
        return self.request is None or self.request.status != AccessRequest.Status.IN_REVIEW


def open_plans(application: Application) -> list[Plan]:
    """Return the production plans of the published APIs that the application wants."""
    wanted = application.data_uses.values("scope__api_slug")
    return list(
        Plan.objects.filter(
            environment=Environment.PRODUCTION,
            api__in=Api.objects.filter(status=Api.Status.PUBLISHED, slug__in=wanted).open_to(
                [application.organization_id]
            ),
        )
        .exclude(api__in=Api.objects.ended(at=timezone.now()))
        .select_related("api")
        .prefetch_related("limits")
        .order_by("api__name", "pk")
    )


def production_of(application: Application, *, at: datetime) -> list[Production]:
    requests = {
        request.plan_id: request
        for request in AccessRequest.objects.filter(client__application=application).order_by("pk")
    }
    subscriptions = {
        subscription.plan_id: subscription
        for subscription in Subscription.objects.live()
        .filter(client__application=application, ends_at__gt=at)
        .select_related("client__application")
    }
    return [
        Production(plan, subscriptions.get(plan.pk), requests.get(plan.pk))
        for plan in open_plans(application)
    ]
