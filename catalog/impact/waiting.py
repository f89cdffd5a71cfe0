"""The impact assessments that wait for the privacy officer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db.models import F, Q

from catalog.impact.models import Assessment, AssessmentQuerySet
from portal.access.permissions import Permission
from portal.waiting import Line, Source, Wanted, offers

ANSWERED_WITHIN = timedelta(days=7)


def rows(wanted: Wanted) -> AssessmentQuerySet:
    found = Assessment.objects.filter(
        status=Assessment.Status.SUBMITTED, submitted_at__isnull=False
    )
    if wanted.tier:
        return found.none()
    return found.filter(Q(version__api__name__icontains=wanted.q)) if wanted.q else found


def lines(pks: Collection[int]) -> Mapping[int, Line]:
    found = Assessment.objects.filter(pk__in=pks).select_related("version__api", "author")
    return {
        one.pk: Line(
            title=f"Impact assessment of {one.version}",
            detail=f"Number {one.number}, by {one.author}",
            url=one.get_absolute_url(),
        )
        for one in found
    }


offers(
    Source(
        "impact",
        "Privacy impact",
        rows,
        lines,
        opened="submitted_at",
        due=F("submitted_at") + ANSWERED_WITHIN,
        permission=Permission.JUDGE_IMPACT,
    )
)
