"""What a privacy officer sees: counts, ages and lags, and never who."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Max, Q, QuerySet

from consent.rights.models import Copy, DataRequest, Hold, Restriction, Task

PERIOD = timedelta(days=365)
AGES = ((7, "Up to a week"), (21, "Up to three weeks"), (31, "Up to a month"), (10_000, "Longer"))


@dataclass(frozen=True, slots=True)
class Figures:
    """All about the last year; `kinds` holds for each kind what came, is open, is late, took."""

    kinds: list[dict[str, Any]]
    ages: list[tuple[str, int]]
    open_count: int
    late_count: int
    restriction_count: int
    hold_count: int
    copy_count: int


def figures(*, at: datetime) -> Figures:
    recent = DataRequest.objects.filter(received_at__gt=at - PERIOD)
    is_open = Q(status__in=DataRequest.OPEN)
    took = F("ended_at") - F("received_at")
    done = Q(ended_at__isnull=False) & ~Q(status="cancelled")
    rows = recent.values("kind").annotate(
        came=Count("pk"),
        open=Count("pk", filter=is_open),
        late=Count("pk", filter=is_open & Q(due_at__lte=at)),
        extended=Count("pk", filter=Q(extended_at__isnull=False)),
        mean=Avg(took, filter=done),
        longest=Max(took, filter=done),
    )
    labels = dict(DataRequest.Kind.choices)
    kinds = [{**row, "label": labels[row["kind"]]} for row in rows.order_by("kind")]
    received = list(DataRequest.objects.open().values_list("received_at", flat=True))
    return Figures(
        kinds=kinds,
        ages=_ages([(at - one).days for one in received]),
        open_count=len(received),
        late_count=DataRequest.objects.overdue(at=at).count(),
        restriction_count=Restriction.objects.filter(lifted_at=None).count(),
        hold_count=Hold.objects.filter(released_at=None).count(),
        copy_count=Copy.objects.filter(status=Copy.Status.READY).count(),
    )


def recipients(*, at: datetime) -> list[dict[str, Any]]:
    """Return how each organization keeps up with what it is asked to do."""
    is_open = Q(status__in=Task.OPEN)
    confirmed = Q(closed_at__isnull=False)
    rows = (
        Task.objects.filter(created_at__gt=at - PERIOD)
        .values("application__organization__name", "application__organization__slug")
        .annotate(
            asked=Count("pk"),
            open=Count("pk", filter=is_open),
            silent=Count(
                "pk", filter=is_open & Q(acknowledged_at=None, escalated_at__isnull=False)
            ),
            late=Count("pk", filter=is_open & Q(due_at__lte=at)),
            exempt=Count("pk", filter=Q(status=Task.Status.EXEMPT)),
            mean=Avg(F("closed_at") - F("created_at"), filter=confirmed),
        )
    )
    ordered = rows.order_by("-late", "-silent", "-open", "application__organization__name")
    return [dict(row) for row in ordered]


def waiting() -> QuerySet[DataRequest]:
    """Return the open requests, nearest day first; who asks is not read."""
    return (
        DataRequest.objects.open()
        .defer("person", "sealed_words", "sealed_answer")
        .order_by("due_at", "pk")
    )


def _ages(days: list[int]) -> list[tuple[str, int]]:
    counted, left = [], sorted(days)
    for limit, label in AGES:
        counted.append((label, sum(1 for day in left if day <= limit)))
        left = [day for day in left if day > limit]
    return counted
