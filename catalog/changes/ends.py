"""Where staff announce the end of a version, put it off or take it back."""

# ruff: noqa: TID251 - these are views, apart because of who reads them

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from catalog.apis.models import ApiVersion
from catalog.changes import ending
from catalog.changes.ending_form import EndForm, LaterForm
from catalog.changes.models import Deprecation
from portal.access.permissions import Permission
from portal.errors import Conflict, Refused
from portal.ui.forms import explain
from portal.ui.guards import staff_only
from portal.ui.requests import Request


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Permission.ANNOUNCE_DEPRECATION)
def end(request: Request, slug: str, label: str) -> HttpResponse:
    version = get_object_or_404(
        ApiVersion.objects.select_related("api"), api__slug=slug, label=label
    )
    found = Deprecation.objects.announced().filter(version=version).first()
    sent = request.POST if request.method == "POST" else None
    if found is not None:
        return _later(request, version, found)
    others = version.api.versions.answering(at=timezone.now()).exclude(pk=version.pk)
    form = EndForm(sent, others=others.order_by("-published_at"))
    if sent is not None and form.is_valid():
        try:
            ending.announce_deprecation(version, by=request.actor, **form.wishes())
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, f"Announced. Whoever uses {version} hears of it.")
            return redirect(request.path)
    context = {
        "nav": "changes",
        "version": version,
        "form": form,
        "notice": ending.notice_of(version.api).days,
    }
    return _page(request, context, form)


def _later(request: Request, version: ApiVersion, found: Deprecation) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    if sent is not None and "withdraw" in sent:
        try:
            ending.withdraw_deprecation(found, by=request.actor)
        except Conflict as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Taken back. {version} goes on.")
        return redirect(request.path)
    form = LaterForm(sent)
    if sent is not None and form.is_valid():
        try:
            ending.extend_deprecation(found, by=request.actor, sunset_at=form.instant())
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, f"{version} answers longer. Its users hear of it.")
            return redirect(request.path)
    return _page(
        request, {"nav": "changes", "version": version, "found": found, "form": form}, form
    )


def _page(request: Request, context: dict[str, object], form: EndForm | LaterForm) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "catalog/changes/end.html", context, status=status)
