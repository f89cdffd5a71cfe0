from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.access.permissions import Permission
from portal.audit import actions
from portal.audit.entries import entries_of
from portal.audit.forms import FilterForm
from portal.audit.models import Seal
from portal.events.models import Event
from portal.ui.guards import staff_only
from portal.ui.requests import Request
from portal.ui.spreadsheets import plain_cell

COLUMNS = (
    "id", "recorded_at", "kind", "actor", "subject", "organization_id", "person_id", "request_id",
    "facts",
)  # fmt: skip


@staff_only(Permission.READ_AUDIT)
def log(request: Request) -> HttpResponse:
    form = FilterForm(request.GET)
    wanted = form.wanted()
    events, following = actions.read_log(wanted, by=request.actor, before=_before(request))
    context = {
        "nav": "audit",
        "form": form,
        "days": [
            (day, list(rows))
            for day, rows in groupby(
                entries_of(events), key=lambda entry: entry.event.recorded_at.date()
            )
        ],
        "following": following,
        "is_first": "before" not in request.GET,
        "filters": urlencode({name: str(value) for name, value in wanted.items()}),
        "seal": Seal.objects.defer("leaves").order_by("-last_id").first(),
    }
    return render(request, "portal/audit/log.html", context)


@staff_only(Permission.READ_AUDIT)
def export(request: Request) -> HttpResponse:
    events = actions.export_log(FilterForm(request.GET).wanted(), by=request.actor)
    name = f"events-{timezone.now():%Y-%m-%d-%H%M}.csv"
    return HttpResponse(
        _lines(events),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(events: Iterable[Event]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for event in events:
        row = [getattr(event, column) for column in COLUMNS[:-1]]
        row[1] = event.recorded_at.isoformat()
        writer.writerow([*map(_plain, row), json.dumps(event.facts, ensure_ascii=False)])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _plain(value: object) -> str:
    return plain_cell("" if value is None else str(value))


def _before(request: Request) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
