"""The queue as a reviewer sees it: what is asked of it, and how pressing each row is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q

from partners.reviews.models import Review, ReviewQuerySet


def filtered(
    reviews: ReviewQuerySet,
    *,
    at: datetime,
    q: str = "",
    kind: str = "",
    tier: int | None = None,
    age: int | None = None,
) -> ReviewQuerySet:
    if q:
        wanted = Q(organization__name__icontains=q) | Q(
            access_request__client__application__name__icontains=q
        )
        if number := re.fullmatch(r"(?:R-)?0*([0-9]{1,9})", q.strip(), re.IGNORECASE):
            wanted |= Q(pk=int(number[1]))
        reviews = reviews.filter(wanted)
    if kind:
        reviews = reviews.filter(kind=kind)
    if tier:
        reviews = reviews.filter(tier=tier)
    if age:
        reviews = reviews.opened_before(at - timedelta(days=age))
    return reviews


def by_urgency(reviews: Iterable[Review], *, at: datetime) -> Iterator[tuple[str, list[Review]]]:
    """Group rows that are sorted by due time into Overdue, Today and Later."""
    for name, rows in groupby(reviews, key=lambda review: _urgency(review, at)):
        yield name, list(rows)


def _urgency(review: Review, at: datetime) -> str:
    if review.due_at <= at:
        return "Overdue"
    return "Today" if review.due_at.date() == at.date() else "Later"
