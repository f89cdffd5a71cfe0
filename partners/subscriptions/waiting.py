"""What partners owe us for an access, and did not send: somebody should ask them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils import timezone

from partners.subscriptions.models import Condition, ConditionQuerySet, Subscription
from portal.access.permissions import Permission
from portal.waiting import Line, Source, Wanted, offers


def rows(wanted: Wanted) -> ConditionQuerySet:
    found = Condition.objects.broken(at=timezone.now()).filter(
        subscription__in=Subscription.objects.live()
    )
    if wanted.tier:
        return found.none()
    if wanted.q:
        name = "subscription__client__application__organization__name__icontains"
        found = found.filter(**{name: wanted.q})
    return found


def lines(pks: Collection[int]) -> Mapping[int, Line]:
    found = Condition.objects.filter(pk__in=pks).select_related(
        "subscription__client__application__organization"
    )
    return {one.pk: _line(one) for one in found}


def _line(condition: Condition) -> Line:
    application = condition.subscription.client.application
    return Line(
        title=f"{application} owes: {condition.get_kind_display().lower()}",
        detail="Its access rests until we have it",
        url=f"/console/access/{condition.subscription_id}/",
        partner=application.organization,
    )


offers(
    Source(
        "owed",
        "Owed to us",
        rows,
        lines,
        opened="subscription__starts_at",
        permission=Permission.REVIEW,
    )
)
