"""What people asked about their own data, and is not answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from consent.rights.models import DataRequest
from consent.rights.models.requests import DataRequestQuerySet
from portal.access.permissions import Permission
from portal.waiting import Line, Source, Wanted, offers


def rows(wanted: Wanted) -> DataRequestQuerySet:
    found = DataRequest.objects.open()
    return found.none() if wanted.tier or wanted.q else found


def lines(pks: Collection[int]) -> Mapping[int, Line]:
    """Say which right it is; whose it is stands on the request's own page alone."""
    return {
        one.pk: Line(
            title=f"A person’s right: {one.get_kind_display().lower()}",
            detail=one.number,
            url=f"/console/rights/{one.number}/",
        )
        for one in DataRequest.objects.filter(pk__in=pks)
    }


offers(
    Source(
        "rights",
        "People’s rights",
        rows,
        lines,
        opened="received_at",
        permission=Permission.ANSWER_RIGHTS,
    )
)
