"""The reviews of the inbox: wishes for access, and answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import partial

from django.db.models import Q

from partners.reviews.models import Kind, Review, ReviewQuerySet
from portal.waiting import Line, Source, Wanted, offers


def rows(kind: Kind, wanted: Wanted) -> ReviewQuerySet:
    found = Review.objects.filter(status=Review.Status.OPEN, kind=kind)
    if wanted.tier:
        found = found.filter(tier=wanted.tier)
    if wanted.q:
        named = Q(organization__name__icontains=wanted.q) | Q(
            access_request__client__application__name__icontains=wanted.q
        )
        if number := re.fullmatch(r"(?:R-)?0*([0-9]{1,9})", wanted.q.strip(), re.IGNORECASE):
            named |= Q(pk=int(number[1]))
        found = found.filter(named)
    return found


def lines(pks: Collection[int]) -> Mapping[int, Line]:
    found = Review.objects.filter(status=Review.Status.OPEN, pk__in=pks).with_story()
    return {review.pk: _line(review) for review in found}


def _line(review: Review) -> Line:
    return Line(
        title=review.title,
        detail=f"{review.number}, {review.get_kind_display().lower()}",
        url=review.get_absolute_url(),
        partner=review.organization,
        tier=review.tier,
        depth=review.depth,
        people=[vote.voter for vote in review.votes.all()],
        hint="Nobody yet, two needed" if review.needs_two else "One is enough",
        together=f"{review.pk}:{review.digest}" if review.can_be_decided_together else "",
    )


for _kind in Kind:
    offers(Source(_kind.value, _kind.label, partial(rows, _kind), lines))
