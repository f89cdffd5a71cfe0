"""A smaller plan is taken at once; a larger one is asked for and reviewed like the first."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from catalog.plans.models import Environment, Plan
from partners.subscriptions.actions import replace_earlier
from partners.subscriptions.events import SubscriptionEvent
from partners.subscriptions.models import ApprovedUse, Condition, Subscription
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import record


@transaction.atomic
def take_smaller_plan(subscription: Subscription, *, by: Actor, plan: Plan) -> Subscription:
    """Go on under a plan that allows no more, from the next call on, to the same end."""
    organization_id = subscription.client.application.organization_id
    require(by, Permission.REQUEST_ACCESS, organization_id=organization_id)
    held = Subscription.objects.select_for_update(of=("self",))
    subscription = held.select_related("client__application", "plan").get(pk=subscription.pk)
    now = timezone.now()
    if subscription.status not in {Subscription.Status.ACTIVE, Subscription.Status.PAUSED}:
        raise Conflict("This access has ended.", code="not_live")
    if subscription.ends_at <= now:
        raise Conflict("This access has ended.", code="not_live")
    if plan not in smaller_plans(subscription):
        raise Refused("This plan allows more, so ask for it.", code="plan_is_larger")
    owed, uses = (
        list(subscription.conditions.all()),
        list(subscription.uses.select_related("scope")),
    )
    replace_earlier(subscription.client, plan, by=by, at=now)
    smaller = Subscription.objects.create(
        client=subscription.client,
        plan=plan,
        status=subscription.status,
        pauses=subscription.pauses,
        starts_at=now,
        ends_at=subscription.ends_at,
    )
    for use in uses:
        use.pk, use.subscription = None, smaller
    for condition in owed:
        condition.pk, condition.subscription = None, smaller
    ApprovedUse.objects.bulk_create(uses)
    Condition.objects.bulk_create(owed)
    record(
        SubscriptionEvent.ACTIVATED,
        smaller,
        by=by,
        organization_id=organization_id,
        client_id=subscription.client.client_id,
        application=subscription.client.application.slug,
        plan_id=plan.pk,
        scopes=sorted(use.scope.name for use in uses),
    )
    return smaller


def smaller_plans(subscription: Subscription) -> list[Plan]:
    """Return the API's production plans that allow no more than the one there is."""
    others = (
        Plan.objects.filter(api=subscription.plan.api_id, environment=Environment.PRODUCTION)
        .exclude(pk=subscription.plan_id)
        .prefetch_related("limits")
        .order_by("pk")
    )
    limits = {limit.window_seconds: limit.call_count for limit in subscription.plan.limits.all()}
    return [plan for plan in others if _allows_no_more(plan, limits)]


def _allows_no_more(plan: Plan, than: dict[int, int]) -> bool:
    """Whether every limit there is now has one in the plan that is no wider."""
    limits = {limit.window_seconds: limit.call_count for limit in plan.limits.all()}
    return bool(than) and all(limits.get(window, 1 << 62) <= than[window] for window in than)
