"""Where staff see who still uses what ends, and who knows."""

from __future__ import annotations

from django.http import HttpResponse  # noqa: TID251 - these are views, apart because of who reads
from django.shortcuts import get_object_or_404, render  # noqa: TID251
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.changes.models import Deprecation
from partners.upgrades import use
from portal.access.permissions import Permission
from portal.ui.guards import staff_only
from portal.ui.requests import Request


@require_safe
@staff_only(Permission.ANNOUNCE_DEPRECATION)
def listing(request: Request) -> HttpResponse:
    now = timezone.now()
    announced = Deprecation.objects.announced().select_related("version__api", "successor")
    ends = list(announced.order_by("version__sunset_at", "pk"))
    uses = use.uses_of(ends, use.subscriptions_to_what_ends(at=now), at=now)
    rows = [
        {
            "end": end,
            "users": len(ours := [one for one in uses if one.end.pk == end.pk]),
            "knowing": sum(one.known is not None for one in ours),
            "calls": sum(one.call_count or 0 for one in ours),
            "is_counted": any(one.called for one in ours),
        }
        for end in ends
    ]
    context = {
        "nav": "ends",
        "rows": rows,
        "still": use.still_called(None, at=now),
        "days": use.DAYS,
    }
    return render(request, "partners/upgrades/console.html", context)


@require_safe
@staff_only(Permission.ANNOUNCE_DEPRECATION)
def end(request: Request, number: int) -> HttpResponse:
    """Show each subscriber of a version that ends: its calls by operation, and whether it knows."""
    announced = Deprecation.objects.select_related("version__api", "successor")
    found = get_object_or_404(announced.prefetch_related("reminders"), pk=number)
    now = timezone.now()
    subscriptions = use.subscriptions_to(found.version.api_id, at=now)
    context = {
        "nav": "ends",
        "end": found,
        "uses": use.uses_of([found], subscriptions, at=now),
        "reminders": sorted(found.reminders.all(), key=lambda one: one.created_at),
        "days": use.DAYS,
    }
    return render(request, "partners/upgrades/end.html", context)
