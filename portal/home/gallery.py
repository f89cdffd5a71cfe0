"""Every part of the design in every state, for the people who build pages."""

# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.home.gallery_form import ExampleForm
from portal.ui import charts, icons
from portal.ui.requests import Request

CALLS = (52, 44, 41, 58, 61, 63, 60, 59, 47, 45, 62, 66, 69, 62)


@require_safe
def gallery(request: Request) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    now = timezone.now()
    context = {
        "icons": icons.ICONS,
        "form": ExampleForm(initial={"name": "Halden Refill", "client_id": "hr_live_9f27c4d1"}),
        "broken_form": ExampleForm({"website": "halden.example"}, auto_id="broken_%s"),
        "page": Paginator(range(118), 20).page(1),
        "calls": CALLS,
        "chart": charts.line(
            "Calls a day: between 41 and 69 thousand, quota 100 thousand",
            [charts.Series(CALLS)],
            charts.Scale(0, 120, (0, 40, 80, 120)),
            goal=(100, "Quota 100"),
            has_area=True,
        ),
        "start": now - timedelta(days=8),
        "end": now + timedelta(days=172),
    }
    return render(request, "portal/home/gallery.html", context)
