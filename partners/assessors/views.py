from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.assessors import actions
from partners.assessors.forms import EngageForm
from partners.assessors.models import Engagement
from partners.evidence.models import EvidenceFile
from partners.evidence.serving import as_attachment
from partners.findings.models import Finding
from partners.questionnaires import sheet
from partners.questionnaires.models import Submission
from portal.access.permissions import Permission
from portal.errors import Refused
from portal.ui.guards import signed_in, staff_only
from portal.ui.requests import Request

PAGE_SIZE = 50


@signed_in
@require_GET
def mine(request: Request) -> HttpResponse:
    """List the files that are open to this person now."""
    open_now = Engagement.objects.live(at=timezone.now()).of(request.actor)
    context = {"engagements": open_now.select_related("organization").order_by("ends_at", "pk")}
    return render(request, "partners/assessors/mine.html", context)


@signed_in
@require_GET
def file(request: Request, slug: str) -> HttpResponse:
    """Show an assessor one partner's file: what was sent, what proves it, what was found."""
    engagement = _engagement(request, slug)
    actions.open_partners_file(engagement, by=request.actor)
    owner = engagement.organization
    sent = Submission.objects.filter(assignment__organization=owner)
    submissions = sent.select_related("assignment__version__template").order_by("-pk")
    context = {
        "engagement": engagement,
        "organization": owner,
        "submissions": [(one, sheet.told(one)) for one in submissions[:5]],
        "files": EvidenceFile.objects.filter(
            organization=owner, status=EvidenceFile.Status.CLEAN, links__sent_at__isnull=False
        )
        .distinct()
        .order_by("-pk"),
        "findings": Finding.objects.filter(organization=owner).order_by("closed_at", "due_at"),
    }
    return render(request, "partners/assessors/file.html", context)


@signed_in
@require_GET
def download(request: Request, slug: str, public_id: str) -> HttpResponse:
    engagement = _engagement(request, slug)
    sent = EvidenceFile.objects.filter(
        organization=engagement.organization, links__sent_at__isnull=False
    )
    found = get_object_or_404(sent.distinct(), public_id=public_id)
    # What streams is no HttpResponse to the guards' types.
    return cast("HttpResponse", as_attachment(found, to=engagement.reader(request.actor)))


@staff_only(Permission.ENGAGE_ASSESSOR)
@require_http_methods(["GET", "POST"])
def desk(request: Request) -> HttpResponse:
    """Show who from outside reads which partner's file; posting lets somebody in."""
    form = EngageForm(request.POST or None)
    if form.is_valid():
        try:
            actions.engage_assessor(by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, "Done. Send them the address that stands above.")
            return redirect("assessors:desk")
    every = Engagement.objects.select_related("organization", "engaged_by").order_by("-pk")
    context = {
        "nav": "assessors",
        "form": form,
        "page": Paginator(every, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    status = 422 if form.errors else 200
    return render(request, "partners/assessors/desk.html", context, status=status)


@staff_only(Permission.ENGAGE_ASSESSOR)
@require_POST
def ending(request: Request, number: int) -> HttpResponse:
    found = get_object_or_404(Engagement, pk=number)
    actions.end_engagement(found, by=request.actor)
    messages.success(request, "The file is closed to them.")
    return redirect("assessors:desk")


def _engagement(request: Request, slug: str) -> Engagement:
    live = Engagement.objects.live(at=timezone.now()).of(request.actor)
    found = live.filter(organization__slug=slug).select_related("organization").order_by("-ends_at")
    engagement = found.first()
    if engagement is None:
        raise Http404
    return engagement
