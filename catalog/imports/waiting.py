"""The places that nobody reads any more because they failed too often."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from catalog.imports.models import Source as Place
from portal.access.permissions import Permission
from portal.waiting import Line, Source, Wanted, offers

LOOKED_AT_WITHIN = timedelta(days=3)
_SINCE = Coalesce("last_read_at", "added_at")


def rows(wanted: Wanted) -> QuerySet[Place]:
    given_up = Place.objects.filter(
        status=Place.Status.PAUSED, failure_count__gte=Place.GIVES_UP_AFTER
    )
    if wanted.tier:
        return given_up.none()
    return given_up.filter(url__icontains=wanted.q) if wanted.q else given_up


def lines(pks: Collection[int]) -> Mapping[int, Line]:
    return {
        one.pk: Line(
            title=f"Nothing comes from {one.url} any more",
            detail=f"Stopped after {one.failure_count} failures in a row",
            url=one.get_absolute_url(),
        )
        for one in Place.objects.filter(pk__in=pks)
    }


offers(
    Source(
        "imports",
        "Imports",
        rows,
        lines,
        opened=_SINCE,
        due=_SINCE + LOOKED_AT_WITHIN,
        permission=Permission.IMPORT_SPEC,
    )
)
