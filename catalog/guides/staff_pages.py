"""Where staff write guides, look back at what was written, and let readers see it."""

# ruff: noqa: TID251 - these are views, apart because of who reads them

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.db.models import Count, Max, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.guides import actions
from catalog.guides.forms import NewGuideForm, WordsForm
from catalog.guides.history import lines_between
from catalog.guides.models import Guide, Revision
from catalog.guides.reading import read
from portal.access.permissions import Permission
from portal.errors import Conflict, Refused
from portal.ui.forms import explain
from portal.ui.guards import staff_only
from portal.ui.requests import Request


@require_safe
@staff_only(Permission.WRITE_GUIDE)
def listing(request: Request) -> HttpResponse:
    newest = Revision.objects.filter(guide=OuterRef("pk")).order_by("-number")
    guides = Guide.objects.select_related("api", "shown").annotate(
        title=Subquery(newest.values("title")[:1]),
        count=Count("revisions"),
        written_at=Max("revisions__written_at"),
    )
    context = {"nav": "guides", "guides": guides.order_by("-written_at", "-pk")}
    return render(request, "catalog/guides/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Permission.WRITE_GUIDE)
def new(request: Request) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = NewGuideForm(sent)
    if sent is not None and form.is_valid() and "preview" not in sent:
        said = form.cleaned_data
        try:
            guide = actions.write_guide(
                form.words(), by=request.actor, kind=said["kind"], api=said["api"]
            )
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, "Kept. Nobody reads it until you publish it.")
            return redirect("guides:edit", guide.slug)
    return _page(request, form, guide=None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Permission.WRITE_GUIDE)
def edit(request: Request, slug: str) -> HttpResponse:
    """Write a guide anew; what readers see stays until it is published."""
    guide = _guide(slug)
    newest = guide.newest
    sent = request.POST if request.method == "POST" else None
    known = {"title": newest.title, "summary": newest.summary, "text": newest.text}
    form = WordsForm(sent, initial={**known, "based_on": newest.number})
    if sent is not None and form.is_valid() and "preview" not in sent:
        based_on = form.cleaned_data["based_on"] or 0
        try:
            actions.revise_guide(guide, form.words(), by=request.actor, based_on=based_on)
            if "publish" in sent:
                actions.publish_guide(guide, by=request.actor)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, "Published." if "publish" in sent else "Kept.")
            return redirect(request.path)
    return _page(request, form, guide=guide)


@require_POST
@staff_only(Permission.PUBLISH_GUIDE)
def publication(request: Request, slug: str) -> HttpResponse:
    actions.publish_guide(_guide(slug), by=request.actor)
    messages.success(request, "Published.")
    return redirect("guides:edit", slug)


@require_POST
@staff_only(Permission.PUBLISH_GUIDE)
def withdrawal(request: Request, slug: str) -> HttpResponse:
    try:
        actions.withdraw_guide(_guide(slug), by=request.actor)
    except Conflict as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Taken away. Publish it again whenever you like.")
    return redirect("guides:edit", slug)


@require_safe
@staff_only(Permission.WRITE_GUIDE)
def history(request: Request, slug: str) -> HttpResponse:
    guide = _guide(slug)
    revisions = guide.revisions.select_related("written_by").defer("text").order_by("-number")
    context = {"nav": "guides", "guide": guide, "revisions": revisions}
    return render(request, "catalog/guides/history.html", context)


@require_safe
@staff_only(Permission.WRITE_GUIDE)
def revision(request: Request, slug: str, number: int) -> HttpResponse:
    """Show what was written then, and what differs from what was written before it."""
    guide = _guide(slug)
    found = get_object_or_404(guide.revisions.select_related("written_by"), number=number)
    before = guide.revisions.filter(number=number - 1).first()
    context = {
        "nav": "guides",
        "guide": guide,
        "revision": found,
        "is_newest": not guide.revisions.filter(number__gt=number).exists(),
        "before": before,
        "lines": lines_between(before.text, found.text) if before else None,
    }
    return render(request, "catalog/guides/revision.html", context)


@require_POST
@staff_only(Permission.WRITE_GUIDE)
def restoration(request: Request, slug: str, number: int) -> HttpResponse:
    found = get_object_or_404(
        Revision.objects.select_related("guide"), guide__slug=slug, number=number
    )
    actions.restore_revision(found, by=request.actor)
    messages.success(
        request, f"The words of {number} are the newest again. Publish them if they should be read."
    )
    return redirect("guides:edit", slug)


def _page(request: Request, form: WordsForm, *, guide: Guide | None) -> HttpResponse:
    is_preview = form.is_bound and "preview" in request.POST and form.is_valid()
    context = {
        "nav": "guides",
        "form": form,
        "guide": guide,
        "newest": guide.newest if guide else None,
        "preview": read(form.cleaned_data["text"]) if is_preview else None,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "catalog/guides/edit.html", context, status=status)


def _guide(slug: str) -> Guide:
    return get_object_or_404(Guide.objects.select_related("api", "shown"), slug=slug)
