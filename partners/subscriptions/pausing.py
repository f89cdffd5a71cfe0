"""An access rests for as long as anybody has a reason, and works again with the last one."""

from __future__ import annotations

from django.db import transaction

from partners.subscriptions.events import SubscriptionEvent
from partners.subscriptions.models import Subscription
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict
from portal.events.log import record


@transaction.atomic
def pause_subscription(
    subscription: Subscription, *, by: Actor, reason: Subscription.Pause
) -> Subscription:
    """Refuse its calls from the next one on, for one reason more."""
    subscription = _locked(subscription)
    _require(subscription, by=by, reason=reason)
    if reason in subscription.pauses:
        raise Conflict("It is paused for this reason already.", code="already_paused")
    pauses = sorted([*subscription.pauses, reason.value])
    _keep(subscription, Subscription.Status.PAUSED, pauses)
    _record(SubscriptionEvent.PAUSED, subscription, by=by, reason=reason)
    return subscription


@transaction.atomic
def resume_subscription(
    subscription: Subscription, *, by: Actor, reason: Subscription.Pause
) -> Subscription:
    """Lift one reason. Others stay: nobody resumes what somebody else has paused."""
    subscription = _locked(subscription)
    _require(subscription, by=by, reason=reason)
    if reason not in subscription.pauses:
        raise Conflict("It is not paused for this reason.", code="not_paused")
    pauses = [one for one in subscription.pauses if one != reason]
    _keep(
        subscription, Subscription.Status.PAUSED if pauses else Subscription.Status.ACTIVE, pauses
    )
    _record(SubscriptionEvent.RESUMED, subscription, by=by, reason=reason)
    return subscription


def _locked(subscription: Subscription) -> Subscription:
    held = Subscription.objects.select_for_update(of=("self",))
    return held.select_related("client__application").get(pk=subscription.pk)


def _require(subscription: Subscription, *, by: Actor, reason: Subscription.Pause) -> None:
    if reason == Subscription.Pause.PARTNER:
        organization_id = subscription.client.application.organization_id
        require(by, Permission.PAUSE_ACCESS, organization_id=organization_id)
    else:
        require(by, Permission.REVOKE_ACCESS)


def _keep(subscription: Subscription, status: Subscription.Status, pauses: list[str]) -> None:
    if subscription.status == status:
        subscription.pauses = pauses
        subscription.save(update_fields=["pauses"])
    else:
        subscription.move_to(status, pauses=pauses)


def _record(kind: SubscriptionEvent, subscription: Subscription, *, by: Actor, reason: str) -> None:
    client = subscription.client
    record(
        kind,
        subscription,
        by=by,
        organization_id=client.application.organization_id,
        client_id=client.client_id,
        application=client.application.slug,
        plan_id=subscription.plan_id,
        reason=str(reason),
    )
