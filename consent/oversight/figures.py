"""What a privacy officer watches: counts, lags and clocks, in a fixed number of statements.

No row about a person is read, only counted. Small counts by application are not shown either:
who knows that an app has three customers may know who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, F, Max, Min, Q

from catalog.plans.models import Environment
from consent.arrangements.models import Arrangement
from consent.arrangements.wording import ending
from consent.campaigns.counting import OUTCOMES
from consent.campaigns.models import Asked, Campaign
from consent.rights.models import DataRequest
from consent.signals.models import Signal
from partners.webhooks.models import Attempt, Endpoint
from partners.webhooks.models import Message as Webhook
from portal.events.models import Delivery
from portal.notifications.models import Message as Mail

WITHDRAWN = "consent.arrangement.withdrawn"
RECENT = timedelta(days=30)
# A count of fewer people than that is not told by application.
SMALL = 5
SHOWN = 40
# What waits longer than its job should take.
LATE = timedelta(minutes=10)


class P95(Aggregate):
    """The value that nineteen of twenty are not above."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.95) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True, slots=True)
class AppRow:
    """`live` is None where it is too small to be told."""

    name: str
    organization: str
    live: int | None


@dataclass(frozen=True, slots=True)
class Lag:
    """How long news of withdrawals took from the commit, over the last thirty days."""

    label: str
    count: int
    p95: timedelta | None
    longest: timedelta | None


def states(*, at: datetime) -> dict[str, int]:
    """Count what runs, is paused, and what the clock ended that no job wrote down yet."""
    running = Q(status__in=Arrangement.RUNNING)
    counted: dict[str, int] = _production().aggregate(
        live=Count("pk", filter=Q(status="active", ends_at__gt=at)),
        paused=Count("pk", filter=Q(status="paused", ends_at__gt=at)),
        asked_again=Count("pk", filter=running & Q(ends_at__gt=at, reconsent_by__isnull=False)),
        ended=Count("pk", filter=~running | Q(ends_at__lte=at)),
        overdue=Count("pk", filter=running & Q(ends_at__lte=at - LATE)),
    )
    return counted


def endings(*, at: datetime) -> list[tuple[str, int]]:
    """Count what ended in the last thirty days, by the reason in words."""
    recent = _production().filter(ended_at__gt=at - RECENT)
    rows = recent.values_list("end_reason").annotate(count=Count("pk")).order_by("-count")
    return [(str(ending(reason or "expired")), count) for reason, count in rows]


def applications(*, at: datetime) -> tuple[list[AppRow], int]:
    """Return the apps with the most that runs, and how many more there are."""
    counted: Any = (
        _production()
        .running(at=at)
        .values(
            name=F("client__application__name"),
            slug=F("client__application__slug"),
            organization=F("client__application__organization__name"),
        )
        .annotate(count=Count("customer", distinct=True))
        .order_by("-count", "name", "slug")
    )
    rows = list(counted)
    told = [AppRow(row["name"], row["organization"], row["count"]) for row in rows]
    return suppressed(told)[:SHOWN], max(len(told) - SHOWN, 0)


def suppressed(rows: list[AppRow]) -> list[AppRow]:
    """Leave out small counts; one alone takes the next along, or the total would tell it.

    The rows come with the largest first.
    """
    small = [row for row in rows if row.live is not None and row.live < SMALL]
    hidden = max(len(small), 2) if small else 0
    kept = len(rows) - hidden
    return [
        row if place < kept else AppRow(row.name, row.organization, None)
        for place, row in enumerate(rows)
    ]


def lags(*, at: datetime) -> list[Lag]:
    """Return how long withdrawals took to reach webhooks, token receivers, and who polls."""
    arrived = Attempt.objects.filter(
        outcome="delivered",
        message__event__kind=WITHDRAWN,
        message__event__recorded_at__gt=at - RECENT,
    )
    took = F("started_at") - F("message__event__recorded_at")
    found: Any = arrived.values("message__endpoint__format").annotate(
        count=Count("pk"), p95=P95(took), longest=Max(took)
    )
    by_format = {row["message__endpoint__format"]: row for row in found}
    polled: Any = Signal.objects.filter(
        event__kind=WITHDRAWN, event__recorded_at__gt=at - RECENT, taken_at__isnull=False
    ).aggregate(
        count=Count("pk"),
        p95=P95(F("taken_at") - F("event__recorded_at")),
        longest=Max(F("taken_at") - F("event__recorded_at")),
    )
    ways = [
        ("Webhook delivered", by_format.get(Endpoint.Format.STANDARD)),
        ("Token acknowledged, pushed", by_format.get(Endpoint.Format.TOKEN)),
        ("Token acknowledged, polled", polled),
    ]
    return [
        Lag(label, row["count"], row["p95"], row["longest"]) if row else Lag(label, 0, None, None)
        for label, row in ways
    ]


def queues(*, at: datetime) -> list[dict[str, Any]]:
    """Return what waits to be told, in three statements: how many, since when, and given up."""
    news = Delivery.objects.filter(delivered_at=None).aggregate(
        count=Count("pk", filter=Q(parked_at=None)),
        oldest=Min("event__recorded_at", filter=Q(parked_at=None)),
        late=Count("pk", filter=Q(parked_at=None, next_attempt_at__lte=at - LATE)),
        parked=Count("pk", filter=Q(parked_at__isnull=False)),
    )
    hooks = Webhook.objects.exclude(status=Webhook.Status.DELIVERED).aggregate(
        count=Count("pk", filter=Q(status="waiting")),
        oldest=Min("created_at", filter=Q(status="waiting")),
        late=Count("pk", filter=Q(status="waiting", next_attempt_at__lte=at - LATE)),
        parked=Count("pk", filter=Q(status="failed")),
    )
    mails = Mail.objects.filter(sent_at=None, next_attempt_at__isnull=False).aggregate(
        count=Count("pk", filter=Q(failed_at=None)),
        oldest=Min("created_at", filter=Q(failed_at=None)),
        late=Count("pk", filter=Q(failed_at=None, next_attempt_at__lte=at - LATE)),
        parked=Count("pk", filter=Q(failed_at__isnull=False)),
    )
    named = (("News inside the portal", news), ("Webhooks and tokens", hooks), ("Mails", mails))
    return [{"label": label, **row} for label, row in named]


def requests(*, at: datetime) -> list[dict[str, Any]]:
    """Return the open requests of each right by their clock."""
    labels = dict(DataRequest.Kind.choices)
    rows = (
        DataRequest.objects.open()
        .values("kind")
        .annotate(
            count=Count("pk"),
            late=Count("pk", filter=Q(due_at__lte=at)),
            soon=Count("pk", filter=Q(due_at__gt=at, due_at__lte=at + timedelta(days=7))),
            next_due=Min("due_at"),
        )
        .order_by("next_due")
    )
    return [{**row, "label": labels[row["kind"]]} for row in rows]


def campaigns(*, at: datetime) -> list[dict[str, Any]]:
    """Return the running campaigns with what came of them so far, in two statements."""
    running = list(Campaign.objects.running().order_by("deadline"))
    counted: Any = (
        Asked.objects.filter(campaign__in=running)
        .with_outcome(at=at)
        .values("campaign_id")
        .annotate(
            asked_count=Count("pk"),
            **{f"{name}_count": Count("pk", filter=which) for name, which in OUTCOMES.items()},
        )
    )
    by_campaign = {row["campaign_id"]: row for row in counted}
    return [{"campaign": one, **by_campaign.get(one.pk, {"asked_count": 0})} for one in running]


def _production() -> Any:
    return Arrangement.objects.filter(client__environment=Environment.PRODUCTION)
