"""The partner's pages: what customers ask of its applications through us."""

# ruff: noqa: TID251 - these are views, apart because of their readers

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent.rights import attesting, wording
from consent.rights.attestation_form import AttestationForm
from consent.rights.models import Task
from partners.organizations.current import organization_of
from portal.access.permissions import Permission, allows, require
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request

PAGE_SIZE = 25


@require_safe
@signed_in
def tasks(request: Request) -> HttpResponse:
    organization = organization_of(request)
    if organization is None:
        raise Http404
    mine = Task.objects.filter(application__organization=organization).select_related("application")
    is_closed = request.GET.get("show") == "answered"
    shown = mine.exclude(status__in=Task.OPEN).order_by("-closed_at", "-pk")
    page = Paginator(
        shown if is_closed else mine.open().order_by("due_at", "pk"), PAGE_SIZE
    ).get_page(request.GET.get("page"))
    labels = wording.labels_by_code({code for task in page for code in task.cluster_codes})
    now = timezone.now()
    context = {
        "nav": "data",
        "page": page,
        "rows": [
            (
                task,
                wording.named(task.cluster_codes, labels),
                *wording.task_state(task, at=now),
            )
            for task in page
        ],
        "is_closed": is_closed,
        "open_count": mine.open().count(),
    }
    return render(request, "consent/rights/tasks.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def task(request: Request, task_id: UUID) -> HttpResponse:
    found = _task(request, task_id)
    owner = found.application.organization_id
    if request.method == "POST":
        require(request.actor, Permission.ATTEST_TASK, organization_id=owner)
    form = AttestationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            attesting.attest_task(found, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, "Written down. Thank you.")
            return redirect("rights:tasks")
    state, tone = wording.task_state(found, at=timezone.now())
    context = {
        "nav": "data",
        "task": found,
        "labels": wording.labels_of(found.cluster_codes),
        "state": state,
        "tone": tone,
        "form": form,
        "may_attest": allows(request.actor, Permission.ATTEST_TASK, organization_id=owner),
    }
    return render(request, "consent/rights/task.html", context)


@require_POST
@signed_in
def acknowledgement(request: Request, task_id: UUID) -> HttpResponse:
    found = attesting.acknowledge_task(_task(request, task_id), by=request.actor)
    return redirect("rights:task", found.public_id)


def _task(request: Request, task_id: UUID) -> Task:
    mine = Task.objects.visible_to(request.actor).select_related("application")
    return get_object_or_404(mine, public_id=task_id)
