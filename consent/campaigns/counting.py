"""Whom a campaign concerns, and what came of it: counted, by application, nobody named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from consent.arrangements.models import Arrangement
from consent.campaigns.models import Asked, Campaign

_APPLICATION = {
    "slug": "client__application__slug",
    "name": "client__application__name",
    "organization": "client__application__organization__name",
}
# What came of a question. Each arrangement that was asked about counts in one of them.
OUTCOMES = {
    "answered": Q(owes=False),
    "waiting": Q(owes=True, runs=True),
    "expired": Q(owes=True, runs=False, is_superseded=True),
    "stopped": Q(owes=True, runs=False, is_superseded=False),
}


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a start now would do. `ends_before` end by themselves, and nobody is asked."""

    arrangements: int
    customers: int
    partners: int
    ends_before: int
    rows: list[dict[str, Any]]


def concerned(campaign: Campaign, *, at: datetime) -> QuerySet[Arrangement]:
    """Return what runs past the deadline and was agreed to before the change."""
    running = Arrangement.objects.running(at=at).filter(ends_at__gt=campaign.deadline)
    return campaign.before_it(running)


def left_to_ask(campaign: Campaign, *, at: datetime) -> QuerySet[Arrangement]:
    asked = Asked.objects.filter(campaign=campaign, arrangement=OuterRef("pk"))
    return concerned(campaign, at=at).filter(~Exists(asked)).order_by("pk")


def dry_run(campaign: Campaign, *, at: datetime) -> DryRun:
    """Count in three statements."""
    found = concerned(campaign, at=at)
    totals = found.aggregate(
        arrangements=Count("pk"),
        customers=Count("customer", distinct=True),
        partners=Count("client__application__organization", distinct=True),
    )
    running = Arrangement.objects.running(at=at).filter(ends_at__lte=campaign.deadline)
    rows: Any = found.values(**{name: F(path) for name, path in _APPLICATION.items()}).annotate(
        arrangements=Count("pk"), customers=Count("customer", distinct=True)
    )
    return DryRun(
        **totals,
        ends_before=campaign.before_it(running).count(),
        rows=list(rows.order_by("-arrangements", "name", "slug")),
    )


def outcomes(campaign: Campaign, *, at: datetime) -> list[dict[str, Any]]:
    """Return a row of counts for each application that was asked about, in one statement."""
    rows = Asked.objects.filter(campaign=campaign).with_outcome(at=at)
    names = {name: F(f"arrangement__{path}") for name, path in _APPLICATION.items()}
    counted: Any = rows.values(**names).annotate(
        asked_count=Count("pk"),
        **{f"{name}_count": Count("pk", filter=which) for name, which in OUTCOMES.items()},
    )
    return list(counted.order_by("-asked_count", "name", "slug"))


def total(rows: list[dict[str, Any]]) -> dict[str, int]:
    names = ("asked_count", *(f"{name}_count" for name in OUTCOMES))
    return {name: sum(row[name] for row in rows) for name in names}
