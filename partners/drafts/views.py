from __future__ import annotations

from http import HTTPStatus
from typing import cast

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from partners.drafts import actions, asking
from partners.drafts.forms import AskForm, ImportForm
from partners.drafts.models import Draft
from partners.drafts.reading.loose import MAX_BYTES
from partners.questionnaires import content
from partners.questionnaires.models import TemplateVersion
from portal.access.permissions import Permission
from portal.errors import Malformed
from portal.ui.guards import staff_only
from portal.ui.requests import Request


@staff_only(Permission.DRAFT_QUESTIONNAIRE)
def shelf(request: Request) -> HttpResponse:
    """Show what can be asked and what waits to be read, and take a file in."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        wanted = dict(form.cleaned_data)
        try:
            draft = actions.import_draft(
                wanted.pop("file").read(MAX_BYTES + 1), by=request.actor, **wanted
            )
        except Malformed as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect(draft)
    return _shelf(request, form, AskForm())


@require_POST
@staff_only(Permission.ASSIGN_QUESTIONNAIRE)
def ask(request: Request) -> HttpResponse:
    form = AskForm(request.POST)
    if not form.is_valid():
        return _shelf(request, ImportForm(), form)
    assignment = asking.ask_partner(by=request.actor, **form.cleaned_data)
    messages.success(
        request, f"{assignment.organization} is asked for “{assignment.version.template}”."
    )
    return redirect("drafts:shelf")


@staff_only(Permission.DRAFT_QUESTIONNAIRE)
def draft(request: Request, number: int) -> HttpResponse:
    found = get_object_or_404(Draft.objects.select_related("author", "version"), pk=number)
    asked = content.read(found.document)
    context = {
        "nav": "questionnaires",
        "draft": found,
        "content": asked,
        "count": len(asked.questions),
        "is_own": found.author_id == request.actor.person_id,
    }
    return render(request, "partners/drafts/draft.html", context)


@require_POST
@staff_only(Permission.PUBLISH_QUESTIONNAIRE)
def publication(request: Request, number: int) -> HttpResponse:
    version = actions.publish_draft(get_object_or_404(Draft, pk=number), by=request.actor)
    messages.success(request, f"{version} is published and can be asked for.")
    return redirect("drafts:shelf")


@require_POST
@staff_only(Permission.DRAFT_QUESTIONNAIRE)
def removal(request: Request, number: int) -> HttpResponse:
    actions.discard_draft(get_object_or_404(Draft, pk=number), by=request.actor)
    messages.success(request, "The draft is gone. Nobody was asked anything.")
    return redirect("drafts:shelf")


def _shelf(request: Request, form: ImportForm, asking_form: AskForm) -> HttpResponse:
    versions = TemplateVersion.objects.select_related("template", "published_by")
    context = {
        "nav": "questionnaires",
        "form": form,
        "asking_form": asking_form,
        "drafts": Draft.objects.filter(status=Draft.Status.OPEN)
        .select_related("author")
        .order_by("-pk")[:50],
        "versions": versions.annotate(asked_count=Count("assignments")).order_by(
            "template__title", "-number"
        )[:100],
    }
    wrong = cast("bool", form.errors or asking_form.errors)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "partners/drafts/shelf.html", context, status=status)
