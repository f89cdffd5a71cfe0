"""Where staff read what is missing in the catalog."""

# ruff: noqa: TID251 - these are views, apart because of who reads them

from __future__ import annotations

import csv

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.access.permissions import Permission
from portal.insights import gaps
from portal.ui.guards import staff_only
from portal.ui.requests import Request

PAGE_SIZE = 50
MOST_IN_CSV = 20_000


@require_safe
@staff_only(Permission.READ_GAPS)
def report(request: Request) -> HttpResponse:
    now = timezone.now()
    gap = request.GET.get("kind", "")
    gap = gap if gap in gaps.GAPS else ""
    query = request.GET.get("q", "").strip()[:80]
    seen = gaps.traffic(at=now)
    found = gaps.operations(seen, at=now, api=query)
    lacking = gaps.with_gap(found, gap)
    if request.GET.get("format") == "csv":
        return _as_csv([gaps.row_of(one, seen) for one in lacking[:MOST_IN_CSV]])
    page = Paginator(lacking, PAGE_SIZE).get_page(request.GET.get("page"))
    counts = gaps.counts_of(found)
    context = {
        "nav": "gaps",
        "query": query,
        "gap": gap,
        "count": counts["all"],
        "kinds": [(name, words, counts[name]) for name, words in gaps.GAPS.items()],
        "page": page,
        "rows": [gaps.row_of(one, seen) for one in page.object_list],
        "undescribed": gaps.undescribed(seen),
        "days": gaps.DAYS,
    }
    return render(request, "portal/insights/gaps.html", context)


def _as_csv(rows: list[gaps.Row]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="gaps.csv"'
    writer = csv.writer(response)
    writer.writerow(["operation", "method", "path", "calls", *gaps.GAPS])
    for row in rows:
        one = row.operation
        marks = ["yes" if gap in row.gaps else "" for gap in gaps.GAPS]
        writer.writerow([row.key, one.method, _harmless(one.path), row.calls, *marks])
    return response


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
