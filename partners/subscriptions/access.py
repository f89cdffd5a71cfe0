"""What a client may do: one question to the database, asked for every call and every consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from catalog.apis.models import Api
from catalog.plans.models import Environment, Limit, Plan
from catalog.scopes.models import Purpose
from partners.applications.models import Application, Client, DataUse
from partners.subscriptions.models import ApprovedUse, Condition, Subscription
from portal.prepared import Prepared, Seen

DAY = 86_400
_PURPOSE = F("purpose_id")


@dataclass(frozen=True, slots=True)
class Use:
    """A scope, and what the customer reads about it; `cluster_code` is empty for an open scope."""

    scope: str
    scope_id: int
    cluster_code: str
    purpose_id: int | None
    why: str
    is_required: bool
    retention_days: int
    max_days: int = 365
    look_back_days: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """`limits` are (window in seconds, calls in it); `ends_at` is None in the sandbox."""

    plan_id: int
    limits: tuple[tuple[int, int], ...]
    uses: tuple[Use, ...]
    ends_at: datetime | None

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(use.scope for use in self.uses)


def access_of(client: Client, *, api_slug: str, at: datetime) -> Access | None:
    """Return the client's access to an API at that instant, in one statement.

    A sandbox client needs no subscription: the API's automatic sandbox plan lets everybody in,
    with what the application says it wants. A production client has what was approved for it.
    """
    row: Mapping[str, Any] | None
    if client.environment == Environment.SANDBOX:
        row = (
            Plan.objects.filter(
                api__slug=api_slug,
                environment=Environment.SANDBOX,
                approval=Plan.Approval.AUTOMATIC,
                api__in=Api.objects.open_to(_organization_of(client)),
            )
            .order_by("pk")
            .values(
                ends_at=Value(None, DateTimeField()),
                plan_row=F("pk"),
                allowed=_limits("pk"),
                wanted=_declared(client, api_slug=api_slug),
            )
            .first()
        )
    else:
        row = (
            Subscription.objects.active(at=at)
            .filter(client=client, plan__api__slug=api_slug)
            .order_by("-starts_at", "-pk")
            .values(
                "ends_at",
                plan_row=F("plan_id"),
                allowed=_limits("plan_id"),
                wanted=_approved(),
                cap=_cap(),
            )
            .first()
        )
    if row is None:
        return None
    cap: Any = row.get("cap")
    return Access(
        plan_id=row["plan_row"],
        limits=_capped(row["allowed"], cap),
        uses=_uses(row["wanted"]),
        ends_at=row["ends_at"],
    )


def uses_of(client: Client, *, at: datetime) -> tuple[Use, ...]:
    """Return what the client may ask a customer for, over all APIs, in one statement."""
    uses, _ = seen_uses_of(client, at=at)
    return uses


def seen_uses_of(client: Client, *, at: datetime) -> tuple[tuple[Use, ...], Seen[Any]]:
    """Return the same with what tells later whether it is so still."""
    if client.environment == Environment.SANDBOX:
        seen = _declared_by.seen(application_id=client.application_id)
    else:
        seen = _approved_for.seen(client_id=client.pk, at=at)
    # A scope belongs to one API; where two of its plans are live, the newest approval counts.
    latest = {use["scope"]: use for use in seen.rows}
    uses = sorted(_uses(latest.values()), key=lambda use: (not use.is_required, use.scope))
    return tuple(uses), seen


def _organization_of(client: Client) -> QuerySet[Any]:
    rows = Application.objects.filter(pk=client.application_id)
    return rows.values_list("organization_id", flat=True)


def is_granted(scope: str, client: int | OuterRef, *, at: datetime) -> Q:
    """Return the condition that `scope`, the name of a column, is the client's at that instant.

    It is what `uses_of` says, for statements that ask about something else beside it.
    """
    approved = Subscription.objects.active(at=at).filter(client=client)
    declared = DataUse.objects.filter(
        application__clients=client, application__clients__environment=Environment.SANDBOX
    )
    return Q(**{f"{scope}__in": approved.values("uses__scope")}) | Q(
        **{f"{scope}__in": declared.values("scope")}
    )


def _all_declared(application_id: int) -> QuerySet[Any]:
    uses = DataUse.objects.filter(application_id=application_id)
    return uses.order_by("pk").values_list(_use(_as_worded_now()), flat=True)


def _all_approved(client_id: int, at: datetime) -> QuerySet[Any]:
    active = Subscription.objects.active(at=at).filter(client=client_id)
    uses = ApprovedUse.objects.filter(subscription__in=active)
    return uses.order_by("pk").values_list(_use(_as_worded_now()), flat=True)


_declared_by: Prepared[Any] = Prepared(_all_declared, application_id=int)
_approved_for: Prepared[Any] = Prepared(_all_approved, client_id=int, at=datetime)


def _as_worded_now() -> Coalesce:
    """Return the purpose in its current wording: what was approved is the purpose itself."""
    now = Purpose.objects.current().filter(code=OuterRef("purpose__code"))
    return Coalesce(Subquery(now.values("pk")[:1]), F("purpose_id"))


def _use(purpose: F | Coalesce = _PURPOSE) -> JSONObject:
    return JSONObject(
        scope=F("scope__name"),
        scope_id=F("scope_id"),
        cluster_code=F("scope__cluster_code"),
        purpose_id=purpose,
        why=F("why"),
        is_required=F("is_required"),
        retention_days=F("retention_days"),
        max_days=F("max_days"),
        look_back_days=F("look_back_days"),
    )


def _declared(client: Client, *, api_slug: str) -> ArraySubquery:
    uses = DataUse.objects.filter(
        application_id=client.application_id, scope__api_slug=api_slug
    )  # fmt: skip
    return ArraySubquery(uses.order_by("-is_required", "scope__name").values_list(_use()))


def _approved() -> ArraySubquery:
    uses = ApprovedUse.objects.filter(subscription_id=OuterRef("pk"))
    return ArraySubquery(uses.order_by("-is_required", "scope__name").values_list(_use()))


def _limits(plan: str) -> ArraySubquery:
    limits = Limit.objects.filter(plan_id=OuterRef(plan)).order_by("window_seconds")
    return ArraySubquery(
        limits.values_list(JSONObject(window=F("window_seconds"), calls=F("call_count")))
    )


def _cap() -> Subquery:
    daily = Condition.objects.filter(subscription=OuterRef("pk"), call_count__isnull=False)
    return Subquery(daily.values("call_count")[:1])


def _capped(limits: Any, cap: int | None) -> tuple[tuple[int, int], ...]:
    """Return the plan's limits, a day's held to what was agreed on for this access."""
    allowed = {limit["window"]: limit["calls"] for limit in limits}
    if cap is not None:
        allowed[DAY] = min(cap, allowed.get(DAY, cap))
    return tuple(sorted(allowed.items()))


def _uses(rows: Any) -> tuple[Use, ...]:
    return tuple(Use(**row) for row in rows)
