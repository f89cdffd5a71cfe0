from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.imports import actions, feeding, looking
from catalog.imports.forms import ImportForm, IntervalForm, SourceForm
from catalog.imports.models import ImportDocument, ImportJob, Source
from portal.access.permissions import Permission
from portal.errors import Conflict
from portal.ui.guards import staff_only
from portal.ui.requests import Request

JOBS_ON_A_PAGE = 50
JOBS_OF_A_SOURCE = 20
Kind = ImportDocument.Kind


@staff_only(Permission.IMPORT_SPEC)
def importing(request: Request) -> HttpResponse:
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_sent else ImportForm()
    if is_sent and form.is_valid():
        asked = form.cleaned_data
        job, _ = actions.request_import(
            [actions.Wanted(**asked["wanted"])],
            by=request.actor,
            origin=asked["origin"],
            name=asked["wanted"]["name"],
        )
        return redirect(job)
    context = {"nav": "apis", "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    return render(request, "catalog/imports/import.html", context, status=status)


@require_safe
@never_cache
@staff_only(Permission.IMPORT_SPEC)
def jobs(request: Request) -> HttpResponse:
    found = looking.shown_jobs(request.actor).select_related("requested_by").order_by("-pk")
    page = Paginator(found, JOBS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalog/imports/jobs.html", {"nav": "apis", "page": page})


@require_safe
@never_cache
@staff_only(Permission.IMPORT_SPEC)
def job(request: Request, number: UUID) -> HttpResponse:
    """Show how far it is; the page asks for its middle again while something is left to do."""
    shown = looking.shown_job(request.actor, number).select_related("requested_by", "source")
    found = get_object_or_404(shown)
    documents = [one for one in looking.documents_of(found) if one.kind != Kind.FOLDER]
    ended = found.read_count + found.unchanged_count + found.refused_count
    context = {
        "nav": "apis",
        "job": found,
        "ended_count": ended,
        "share": 100 * ended // found.document_count if found.document_count else 0,
        "only": documents[0] if found.document_count == 1 else None,
    }
    is_part = request.headers.get("HX-Request") == "true"
    template = "catalog/imports/_job.html" if is_part else "catalog/imports/job.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


@require_POST
@staff_only(Permission.IMPORT_SPEC)
def cancellation(request: Request, number: UUID) -> HttpResponse:
    found = get_object_or_404(ImportJob, number=number)
    try:
        actions.cancel_import(found, by=request.actor)
    except Conflict:
        messages.info(request, "It was over already. Nothing was cancelled.")
    else:
        messages.success(request, "Nothing more is read. What was read already stays.")
    return redirect(found)


@require_POST
@staff_only(Permission.IMPORT_SPEC)
def retry(request: Request, number: UUID) -> HttpResponse:
    found = get_object_or_404(ImportJob, number=number)
    try:
        actions.retry_import(found, by=request.actor)
    except Conflict as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


@require_safe
@staff_only(Permission.IMPORT_SPEC)
def sources(request: Request) -> HttpResponse:
    rows = Source.objects.kept().select_related("added_by").order_by("url", "folder")
    page = Paginator(rows, JOBS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalog/imports/sources.html", {"nav": "apis", "page": page})


@staff_only(Permission.IMPORT_SPEC)
def new_source(request: Request) -> HttpResponse:
    is_sent = request.method == "POST"
    form = SourceForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            added = feeding.add_source(by=request.actor, **form.cleaned_data)
        except Conflict as refusal:
            form.add_error("url", str(refusal))
        else:
            messages.success(request, "It is read now, and again and again from now on.")
            return redirect(added)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    context = {"nav": "apis", "form": form}
    return render(request, "catalog/imports/new_source.html", context, status=status)


@staff_only(Permission.IMPORT_SPEC)
def source(request: Request, source_id: int) -> HttpResponse:
    found = get_object_or_404(Source.objects.kept().select_related("added_by"), pk=source_id)
    is_sent = request.method == "POST"
    initial = {"interval_hours": found.interval_hours}
    form = IntervalForm(request.POST if is_sent else None, initial=initial)
    if is_sent and form.is_valid():
        feeding.change_source(found, by=request.actor, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect(found)
    jobs_of = looking.shown_jobs(request.actor).filter(source=found).order_by("-pk")
    context = {"nav": "apis", "source": found, "form": form, "jobs": jobs_of[:JOBS_OF_A_SOURCE]}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_sent else HTTPStatus.OK
    return render(request, "catalog/imports/source.html", context, status=status)


@require_POST
@staff_only(Permission.IMPORT_SPEC)
def source_move(request: Request, source_id: int, what: str) -> HttpResponse:
    found = get_object_or_404(Source.objects.kept(), pk=source_id)
    try:
        match what:
            case "read":
                return redirect(feeding.read_source_now(found, by=request.actor))
            case "pause":
                feeding.pause_source(found, by=request.actor)
                messages.success(request, "It is not read until you say so.")
            case "resume":
                feeding.resume_source(found, by=request.actor)
                messages.success(request, "It is read again.")
            case "remove":
                feeding.remove_source(found, by=request.actor)
                messages.success(request, "Removed. What was read from it stays in the catalog.")
                return redirect("imports:sources")
            case _:
                raise Http404
    except Conflict as refusal:
        messages.error(request, str(refusal))
    return redirect(found)
