from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.evidence import actions, clamd, links
from partners.evidence.forms import UploadForm
from partners.evidence.models import EvidenceFile
from partners.evidence.serving import as_attachment
from partners.organizations.current import organization_of
from partners.organizations.models import Organization
from portal.access.permissions import Permission, allows, require
from portal.errors import Refused
from portal.ui.guards import signed_in, staff_only
from portal.ui.requests import Request

PAGE_SIZE = 25


@signed_in
@require_http_methods(["GET", "POST"])
def files(request: Request) -> HttpResponse:
    """List the organization's files; posting one uploads it."""
    organization = organization_of(request)
    if organization is None:
        raise Http404
    form = UploadForm()
    if request.method == "POST":
        form, uploaded = _upload(request, organization)
        if uploaded is not None:
            messages.success(request, f"{uploaded} arrived. It is ready once the scan is through.")
            return redirect(uploaded)
    kept = EvidenceFile.objects.filter(organization=organization).kept()
    shown = kept.select_related("uploaded_by").prefetch_related("links").order_by("-pk")
    context = {
        "nav": "security",
        "form": form,
        "page": Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_upload": _may(request, Permission.UPLOAD_EVIDENCE, organization.pk),
    }
    status = 422 if form.errors else 200
    return render(request, "partners/evidence/files.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def file(request: Request, public_id: str) -> HttpResponse:
    """Show one file; posting another takes its place."""
    found = _file(request, public_id)
    form = UploadForm()
    if request.method == "POST":
        form, uploaded = _upload(request, found.organization)
        if uploaded is not None:
            links.put_in_place(uploaded, by=request.actor, of=found)
            messages.success(request, f"{uploaded} takes the place of {found}.")
            return redirect(uploaded)
    context = {
        "nav": "security",
        "file": found,
        "form": form,
        "links": found.links.order_by("pk"),
        "may_upload": _may(request, Permission.UPLOAD_EVIDENCE, found.organization_id),
        "may_read": _may(request, Permission.READ_EVIDENCE, found.organization_id),
    }
    status = 422 if form.errors else 200
    return render(request, "partners/evidence/file.html", context, status=status)


@signed_in
@require_http_methods(["GET", "POST"])
def removal(request: Request, public_id: str) -> HttpResponse:
    found = _file(request, public_id)
    owner = found.organization_id
    require(request.actor, Permission.UPLOAD_EVIDENCE, organization_id=owner)
    if request.method != "POST":
        context = {"nav": "security", "file": found, "links": found.links.all()}
        return render(request, "partners/evidence/removal.html", context)
    actions.remove_file(found, by=request.actor)
    messages.success(request, f"{found} is gone.")
    return redirect("evidence:files")


@signed_in
@require_GET
def download(request: Request, public_id: str) -> HttpResponse:
    visible = EvidenceFile.objects.visible_to(request.actor).kept()
    found = get_object_or_404(visible, public_id=public_id)
    # What streams is no HttpResponse to the guards' types.
    return cast("HttpResponse", as_attachment(found, to=request.actor))


@staff_only(Permission.READ_EVIDENCE)
@require_GET
def desk(request: Request) -> HttpResponse:
    """Show staff every file, those that need somebody first, and whether anybody scans."""
    status = request.GET.get("status", "")
    shown = EvidenceFile.objects.visible_to(request.actor).kept()
    if status in EvidenceFile.Status.values:
        shown = shown.filter(status=status)
    shown = shown.select_related("organization", "uploaded_by").order_by("-pk")
    context = {
        "nav": "files",
        "page": Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page")),
        "statuses": [one for one in EvidenceFile.Status.choices if one[0] not in _NEVER_SHOWN],
        "status": status,
        "signatures": _signatures(),
        "may_scan": allows(request.actor, Permission.SCAN_EVIDENCE),
    }
    return render(request, "partners/evidence/desk.html", context)


@staff_only(Permission.SCAN_EVIDENCE)
@require_POST
def scan(request: Request, public_id: str) -> HttpResponse:
    found = get_object_or_404(EvidenceFile.objects.kept(), public_id=public_id)
    actions.scan_again(found, by=request.actor)
    messages.success(request, f"{found} is scanned once more.")
    return redirect("evidence:desk")


_NEVER_SHOWN = {EvidenceFile.Status.REMOVED, EvidenceFile.Status.UPLOADING}


def _upload(request: Request, organization: Organization) -> tuple[UploadForm, EvidenceFile | None]:
    """Return the form with what is wrong with it, or with the file that came of it."""
    owner = organization.pk
    require(request.actor, Permission.UPLOAD_EVIDENCE, organization_id=owner)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return form, None
    sent: Any = form.cleaned_data["file"]
    try:
        return form, actions.upload_file(
            organization,
            by=request.actor,
            file=sent.file,
            name=sent.name,
            size=sent.size,
        )
    except Refused as refusal:
        form.add_error("file", str(refusal))
        return form, None


def _file(request: Request, public_id: str) -> EvidenceFile:
    own = EvidenceFile.objects.filter(organization__in=list(request.actor.memberships)).kept()
    return get_object_or_404(own.select_related("organization", "uploaded_by"), public_id=public_id)


def _may(request: Request, permission: Permission, organization_id: int) -> bool:
    return allows(request.actor, permission, organization_id=organization_id)


def _signatures() -> str:
    try:
        return clamd.signatures()
    except clamd.Away:
        return ""
