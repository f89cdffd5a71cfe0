"""Former partners that have not said what became of our customers' data."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import F
from django.utils import timezone

from partners.endings.models import Ending, EndingQuerySet
from portal.access.permissions import Permission
from portal.waiting import Line, Source, Wanted, offers


def rows(wanted: Wanted) -> EndingQuerySet:
    late = Ending.objects.unattested().filter(data_due_at__lte=timezone.now())
    if wanted.tier:
        return late.none()
    return late.filter(organization__name__icontains=wanted.q) if wanted.q else late


def lines(pks: Collection[int]) -> Mapping[int, Line]:
    found = Ending.objects.filter(pk__in=pks).select_related("organization")
    return {
        one.pk: Line(
            title=f"{one.organization} has not confirmed what became of the data",
            detail="After the end of the relationship",
            url=f"/console/partners/{one.organization.slug}/ending/",
            partner=one.organization,
        )
        for one in found
    }


offers(
    Source(
        "endings",
        "Data to be returned",
        rows,
        lines,
        opened="begun_at",
        due=F("data_due_at"),
        permission=Permission.END_RELATIONSHIP,
    )
)
