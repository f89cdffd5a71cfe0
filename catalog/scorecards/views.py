from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Avg, Count, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.apis.models import ApiVersion
from catalog.scorecards.forms import WishesForm
from catalog.scorecards.models import Score
from catalog.scorecards.score import parts_of, score_of
from catalog.scorecards.signals import signals_of
from portal.ui.guards import staff_only
from portal.ui.requests import Request

ON_A_PAGE = 50
HISTORY_SHOWN = 60


@require_safe
@staff_only()
def listing(request: Request) -> HttpResponse:
    form = WishesForm(request.GET)
    wishes = form.cleaned_data if form.is_valid() else {}
    before = Score.objects.filter(version=OuterRef("version"), pk__lt=OuterRef("pk"))
    latest = Score.objects.latest_of_each()
    found = latest.annotate(
        before=Subquery(before.order_by("-at", "-pk").values("points")[:1])
    ).select_related("version__api__owner")
    if owner := wishes.get("owner"):
        found = found.filter(version__api__owner=owner)
    if status := wishes.get("status"):
        found = found.filter(version__status=status)
    owners = (
        latest.values("version__api__owner", "version__api__owner__name")
        .annotate(average=Avg("points"), count=Count("pk"))
        .order_by("average")
    )
    page = Paginator(found.worst_first(), ON_A_PAGE).get_page(request.GET.get("page"))
    rows: Iterable[Any] = page.object_list
    for score in rows:
        score.change = 0 if score.before is None else score.points - score.before
    context = {"nav": "scorecards", "form": form, "wishes": wishes, "page": page, "owners": owners}
    return render(request, "catalog/scorecards/list.html", context)


@require_safe
@staff_only()
def card(request: Request, slug: str, label: str) -> HttpResponse:
    """Show the score as it is this moment, and what was written down of it."""
    versions = ApiVersion.objects.select_related("api__owner")
    version = get_object_or_404(versions, api__slug=slug, label=label)
    signals = signals_of([version], at=timezone.now()).get(version.pk)
    context = {
        "nav": "scorecards",
        "version": version,
        "signals": signals,
        "parts": parts_of(signals) if signals else (),
        "points": score_of(signals) if signals else None,
        "history": version.scores.select_related("owner").order_by("-at", "-pk")[:HISTORY_SHOWN],
    }
    return render(request, "catalog/scorecards/card.html", context)
