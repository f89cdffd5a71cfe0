"""What a review is about, in the words that a reviewer reads."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.scopes.models import DataCluster, Purpose, Scope
from partners.applications.uses import MAX_DAYS
from partners.reviews.models import Review
from partners.subscriptions.actions import assess
from partners.subscriptions.models import AccessRequest


@dataclass(frozen=True, slots=True)
class AskedUse:
    """One scope, what the customer reads of it, why, and for how long it is kept."""

    scope: str
    label: str
    summary: str
    depth: int
    purpose: str
    why: str
    is_required: bool
    retention_days: int
    max_retention_days: int | None
    max_days: int
    look_back_days: int | None


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: int
    note: str


def uses_of(request: AccessRequest) -> list[AskedUse]:
    scopes = {scope.name: scope for scope in Scope.objects.filter(name__in=_names(request))}
    codes = [scope.cluster_code for scope in scopes.values()]
    clusters = {c.code: c for c in DataCluster.objects.current().filter(code__in=codes)}
    purposes = Purpose.objects.in_bulk([use["purpose_id"] for use in request.uses])
    asked = []
    for use in request.uses:
        scope = scopes.get(use["scope"])
        cluster = clusters.get(scope.cluster_code) if scope else None
        purpose = purposes.get(use["purpose_id"])
        asked.append(
            AskedUse(
                scope=use["scope"],
                label=cluster.label if cluster else (scope.title if scope else "No longer offered"),
                summary=cluster.summary if cluster else "No customer’s data.",
                depth=cluster.depth if cluster else 1,
                purpose=purpose.title if purpose else "",
                why=use["why"],
                is_required=use["is_required"],
                retention_days=use["retention_days"],
                max_retention_days=cluster.max_retention_days if cluster else None,
                max_days=use.get("max_days", MAX_DAYS),
                look_back_days=use.get("look_back_days"),
            )
        )
    return asked


def bars_of(review: Review) -> tuple[str, list[Bar]]:
    """Return how the tier came about: the sum in words, and each part of it."""
    if review.submission is not None:
        score = review.submission.score
        bars = [Bar(p["title"], p["percent"], f"{p['percent']} %") for p in score["parts"]]
        return f"{score['percent']} % of controls in place", bars
    request = review.access_request
    if request is None:
        return "", []
    assessment = assess(request.uses, request.plan)
    most = max((points for _, points in assessment.parts), default=1)
    bars = [Bar(label, points * 100 // most, f"+ {points}") for label, points in assessment.parts]
    return f"{assessment.points} points", bars


def _names(request: AccessRequest) -> list[str]:
    return [use["scope"] for use in request.uses]
