from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog.apis.models import SAFE_METHODS, Api, ApiVersion, Operation
from catalog.plans.models import Environment, Plan
from catalog.scopes.models import DataCluster, Depth, Scope
from partners.agreements.models import Version
from partners.applications.actions import make_live, open_production_client
from partners.applications.models import Client
from partners.applications.profiles import Profile
from partners.applications.redirects import may_go_live
from partners.applications.security import choose_profile
from partners.applications.uses import MAX_DAYS
from partners.organizations.models import Organization
from partners.subscriptions.conditions import Term, impose
from partners.subscriptions.digest import UseSnapshot, current_digest, digest_of, uses_for
from partners.subscriptions.events import AccessEvent, SubscriptionEvent
from partners.subscriptions.models import (
    GRANT_DAYS,
    AccessRequest,
    ApprovedUse,
    Subscription,
    Tier,
)
from partners.subscriptions.tier import Assessment, tier_of
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, NotAllowed, NotFound, Refused
from portal.events.log import record

LAPSED = "We did not decide in time, so this request is closed. Please ask again."


@transaction.atomic
def request_access(client: Client, *, by: Actor, plan: Plan, purpose: str) -> AccessRequest:
    """Ask for production; what is decided on is written down as it is now."""
    application = client.application
    require(by, Permission.REQUEST_ACCESS, organization_id=application.organization_id)
    # One request at a time in an organization, so that two cannot both find none open.
    organization = Organization.objects.select_for_update().get(pk=application.organization_id)
    if organization.status != Organization.Status.APPROVED:
        raise Conflict(
            f"{organization} is not approved yet. Finish the security questionnaire first.",
            code="organization_not_approved",
        )
    if plan.environment != Environment.PRODUCTION or plan.api.status != Api.Status.PUBLISHED:
        raise Refused("Choose a production plan of a published API.", code="plan_not_open")
    if not Api.objects.open_to([organization.pk]).filter(pk=plan.api_id).exists():
        raise NotFound("There is no such plan.")
    if Api.objects.ended(at=timezone.now()).filter(pk=plan.api_id).exists():
        raise Conflict(f"Every version of {plan.api} has ended.", code="api_ended")
    if Version.objects.owed_by(organization.pk).binding(at=timezone.now()).exists():
        raise Conflict(
            "A signer of yours has to accept our agreements first.", code="agreement_missing"
        )
    client = open_production_client(application, by=by)
    uses = uses_for(client, plan)
    _refuse_incomplete(client, plan, uses)
    access_request = AccessRequest.objects.create(
        client=client,
        plan=plan,
        uses=uses,
        digest=digest_of(
            application=application.name,
            redirect_uris=client.redirect_uris.split(),
            uses=uses,
            plan=f"{plan.api.slug}/{plan.code}",
            purpose=purpose,
        ),
        purpose=purpose,
        tier=assess(uses, plan).tier,
        requested_by=User.objects.get(pk=by.person_id or 0),
    )
    _record(AccessEvent.REQUESTED, access_request, by=by)
    return access_request


@transaction.atomic
def withdraw_request(request: AccessRequest, *, by: Actor) -> None:
    organization_id = request.client.application.organization_id
    require(by, Permission.REQUEST_ACCESS, organization_id=organization_id)
    request.move_to(AccessRequest.Status.WITHDRAWN, decided_at=timezone.now())
    _record(AccessEvent.WITHDRAWN, request, by=by)


@transaction.atomic
def drop_request(request: AccessRequest, *, by: Actor, reason: str) -> None:
    """Take a request off the table because its partner is no longer one."""
    require(by, Permission.CARRY_OUT_END)
    request.move_to(AccessRequest.Status.WITHDRAWN, decided_at=timezone.now(), reason=reason)
    _record(AccessEvent.WITHDRAWN, request, by=by)


@transaction.atomic
def approve_access(
    request: AccessRequest,
    *,
    by: Actor,
    profile: Profile | None = None,
    terms: Sequence[Term] = (),
) -> Subscription:
    """Give the client what was asked for, for as long as plan and tier allow, and let it go live.

    `profile` is what the client must do from now on; without one it stays as it is. `terms` are
    the conditions. Of several plans of one API the newest counts: the others are replaced, so that
    a larger or a smaller one holds from the next call on.
    """
    _require_stranger(request, by=by)
    organization = Organization.objects.select_for_update().get(
        pk=request.client.application.organization_id
    )
    if organization.status != Organization.Status.APPROVED:
        raise Conflict(
            f"{organization} is {organization.status}.", code="organization_not_approved"
        )
    if current_digest(request) != request.digest:
        raise Conflict(
            "The application was changed after it asked, so it has to ask again.",
            code="changed_since",
        )
    now = timezone.now()
    if now >= request.lapses_at:
        raise Conflict(f"{request} was not decided in time, so it has lapsed.", code="lapsed")
    request.move_to(AccessRequest.Status.APPROVED, decided_at=now)
    replace_earlier(request.client, request.plan, by=by, at=now)
    days = min(request.plan.grant_days, GRANT_DAYS[Tier(request.tier)])
    subscription = Subscription.objects.create(
        client=request.client,
        plan=request.plan,
        request=request,
        starts_at=now,
        ends_at=now + timedelta(days=days),
    )
    _approve_uses(subscription, request.uses)
    impose(subscription, terms)
    if profile is not None:
        choose_profile(request.client, by=by, profile=profile)
    make_live(request.client.application, by=by)
    _record(AccessEvent.APPROVED, request, by=by)
    record(
        SubscriptionEvent.ACTIVATED,
        subscription,
        by=by,
        organization_id=organization.pk,
        client_id=request.client.client_id,
        application=request.client.application.slug,
        plan_id=request.plan_id,
        scopes=[use["scope"] for use in request.uses],
    )
    return subscription


def replace_earlier(client: Client, plan: Plan, *, by: Actor, at: datetime) -> None:
    """End what the client has of the plan's API, in the transaction that gives it something new."""
    earlier = Subscription.objects.live().filter(client=client, plan__api=plan.api_id)
    for one in earlier.select_for_update(of=("self",)).order_by("pk"):
        one.move_to(Subscription.Status.EXPIRED, ended_at=at)
        _record_end(SubscriptionEvent.REPLACED, one, by=by)


@transaction.atomic
def reject_access(request: AccessRequest, *, by: Actor, reason: str) -> None:
    _require_stranger(request, by=by)
    request.move_to(AccessRequest.Status.REJECTED, decided_at=timezone.now(), reason=reason)
    _record(AccessEvent.REJECTED, request, by=by)


@transaction.atomic
def revoke_subscription(subscription: Subscription, *, by: Actor, reason: str) -> None:
    """Take the access away from the next request on."""
    require(by, Permission.REVOKE_ACCESS)
    subscription.move_to(Subscription.Status.REVOKED, ended_at=timezone.now())
    _record_end(SubscriptionEvent.REVOKED, subscription, by=by, reason=reason)


def expire_overdue_subscriptions() -> int:
    """Write down what the clock already decided, one row per transaction."""
    expired = 0
    for subscription in Subscription.objects.overdue(at=timezone.now()).order_by("pk").iterator():
        try:
            with transaction.atomic():
                subscription.move_to(Subscription.Status.EXPIRED, ended_at=subscription.ends_at)
                _record_end(SubscriptionEvent.EXPIRED, subscription, by=SYSTEM)
        except Conflict:
            continue  # Revoked or renewed since the query; nothing is left to do.
        expired += 1
    return expired


def lapse_overdue_requests() -> int:
    """Refuse what nobody decided in time; silence never opens anything. Return how many."""
    lapsed = 0
    overdue = AccessRequest.objects.lapsed(at=timezone.now()).select_related("client__application")
    for request in overdue.order_by("pk"):
        try:
            with transaction.atomic():
                request.move_to(
                    AccessRequest.Status.REJECTED, decided_at=timezone.now(), reason=LAPSED
                )
                _record(AccessEvent.REJECTED, request, by=SYSTEM)
        except Conflict:
            continue  # Decided or withdrawn since the query.
        lapsed += 1
    return lapsed


def assess(uses: list[UseSnapshot], plan: Plan) -> Assessment:
    """Return how much harm the uses could do under the plan."""
    names = [use["scope"] for use in uses]
    codes = dict(Scope.objects.filter(name__in=names).values_list("name", "cluster_code"))
    depths = dict(
        DataCluster.objects.filter(superseded_at=None, code__in=codes.values()).values_list(
            "code", "depth"
        )
    )
    changing = Operation.objects.filter(
        version__api=plan.api, version__status__in=ApiVersion.PUBLIC_STATUSES
    ).exclude(method__in=SAFE_METHODS)
    return tier_of(
        [depths.get(codes.get(name, ""), Depth.PUBLIC) for name in names],
        writes=any(changing.filter(scopes__contains=[name]).exists() for name in names),
        scope_count=len(names),
    )


def _refuse_incomplete(client: Client, plan: Plan, uses: list[UseSnapshot]) -> None:
    redirect_uris = client.redirect_uris.split()
    if not uses:
        raise Refused(f"Say first what you need {plan.api} for.", code="uses_missing")
    if not all(map(may_go_live, redirect_uris)):
        raise Refused("Use https for every redirect URI in production.", code="redirect_not_https")
    if not redirect_uris and any(use["purpose_id"] for use in uses):
        raise Refused(
            "Add a production redirect URI first: customers have to come back to you.",
            code="redirect_missing",
        )
    if AccessRequest.objects.open().filter(client=client, plan=plan).exists():
        raise Conflict("You already asked, and we have not decided yet.", code="request_open")


def _approve_uses(subscription: Subscription, uses: list[UseSnapshot]) -> None:
    scope_ids = dict(
        Scope.objects.filter(name__in=[use["scope"] for use in uses]).values_list("name", "pk")
    )
    ApprovedUse.objects.bulk_create(
        ApprovedUse(
            subscription=subscription,
            scope_id=scope_ids[use["scope"]],
            purpose_id=use["purpose_id"],
            why=use["why"],
            is_required=use["is_required"],
            retention_days=use["retention_days"],
            # A request that was made before these were asked for does not say them.
            max_days=use.get("max_days", MAX_DAYS),
            look_back_days=use.get("look_back_days"),
        )
        for use in uses
    )


def _require_stranger(request: AccessRequest, *, by: Actor) -> None:
    require(by, Permission.REVIEW)
    if request.client.application.organization_id in by.memberships:
        raise NotAllowed("You belong to the organization that asks, so somebody else must decide.")


def _record(kind: AccessEvent, request: AccessRequest, *, by: Actor) -> None:
    record(
        kind,
        request,
        by=by,
        organization_id=request.client.application.organization_id,
        client_id=request.client.client_id,
        application=request.client.application.slug,
        number=request.number,
        plan_id=request.plan_id,
        tier=request.tier,
    )


def _record_end(
    kind: SubscriptionEvent, subscription: Subscription, *, by: Actor, reason: str = ""
) -> None:
    record(
        kind,
        subscription,
        by=by,
        organization_id=subscription.client.application.organization_id,
        client_id=subscription.client.client_id,
        application=subscription.client.application.slug,
        plan_id=subscription.plan_id,
        reason=reason,
    )
