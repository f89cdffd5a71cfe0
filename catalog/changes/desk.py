"""Where staff find better words for a change before everybody reads it."""

# ruff: noqa: TID251 - these are views, apart because of who reads them

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from catalog.changes import actions, pages
from catalog.changes.entry_form import EntryForm
from catalog.changes.models import Entry
from portal.access.permissions import Permission
from portal.errors import Conflict
from portal.ui.guards import staff_only
from portal.ui.requests import Request

SHOWN = 50
LINES_SHOWN = 30


@require_safe
@staff_only(Permission.EDIT_CHANGE)
def listing(request: Request) -> HttpResponse:
    entries = Entry.objects.with_counts()
    context = {
        "nav": "changes",
        "drafts": entries.drafts().order_by("created_at", "pk")[:SHOWN],
        "published": entries.filter(status=Entry.Status.PUBLISHED).newest_first()[:SHOWN],
    }
    return render(request, "catalog/changes/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Permission.EDIT_CHANGE)
def entry(request: Request, number: int) -> HttpResponse:
    """Edit the words of a draft, and publish it when the button says so."""
    found = get_object_or_404(
        Entry.objects.select_related("api", "version__api", "comparison__old__version__api"),
        pk=number,
    )
    sent = request.POST if request.method == "POST" else None
    form = EntryForm(sent, initial={"title": found.title, "words": found.words})
    if sent is not None and form.is_valid():
        try:
            actions.edit_entry(found, by=request.actor, **form.cleaned_data)
            if "publish" in sent:
                actions.publish_entry(found, by=request.actor)
        except Conflict as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Published." if "publish" in sent else "Saved.")
            return redirect("changes:desk" if "publish" in sent else request.path)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"nav": "changes", "entry": found, "form": form, **_changes(found)}
    return render(request, "catalog/changes/draft.html", context, status=status)


def _changes(found: Entry) -> dict[str, Any]:
    comparison = found.comparison
    if comparison is None:
        return {}
    old = comparison.old.version or found.version
    rows = pages.lines_of(comparison)[:LINES_SHOWN]
    return {
        "comparison": comparison,
        "counts": pages.counts_of(comparison),
        "lines": pages.shown(rows, comparison, old=old, new=found.version),
        "more": comparison.change_count - len(rows),
    }
