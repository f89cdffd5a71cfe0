from __future__ import annotations

from django.db import transaction

from catalog.apis.models import Api
from catalog.plans.events import PlanEvent
from catalog.plans.models import Environment, Limit, Plan
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.events.log import record

SECOND = 1
DAY = 24 * 3600

# How a plan starts; an API owner may change its limits later, so an open plan is left alone.
STARTING_TERMS = (
    (Environment.SANDBOX, Plan.Approval.AUTOMATIC, {SECOND: 50, DAY: 10_000}),
    (Environment.PRODUCTION, Plan.Approval.REVIEW, {SECOND: 50, DAY: 100_000}),
)


@transaction.atomic
def open_plans(api: Api, *, by: Actor) -> None:
    """Let the API be used in the sandbox at once, and in production after a review."""
    require(by, Permission.PUBLISH_VERSION)
    for environment, approval, limits in STARTING_TERMS:
        plan, is_new = Plan.objects.get_or_create(
            api=api,
            code=environment.value,
            defaults={
                "name": environment.label,
                "environment": environment,
                "approval": approval,
            },
        )
        if not is_new:
            continue
        Limit.objects.bulk_create(
            Limit(plan=plan, window_seconds=seconds, call_count=count)
            for seconds, count in limits.items()
        )
        record(PlanEvent.OPENED, plan, by=by, api=api.slug, plan=plan.code)
