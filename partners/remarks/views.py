from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.evidence.links import shown_for
from partners.organizations.current import organization_of
from partners.questionnaires.models import Assignment
from partners.questionnaires.models.assignments import AssignmentQuerySet
from partners.remarks import actions
from partners.remarks.forms import RemarkForm
from partners.remarks.models import Thread
from portal.access.permissions import Permission, allows
from portal.ui.guards import signed_in, staff_only
from portal.ui.requests import Request


@signed_in
@require_GET
def threads(request: Request) -> HttpResponse:
    """Show a partner's people what is asked about their answers."""
    organization = organization_of(request)
    if organization is None:
        raise Http404
    mine = Thread.objects.filter(
        assignment__organization=organization, audience=Thread.Audience.PARTNER
    )
    context = {
        "nav": "security",
        "threads": mine.select_related("assignment__version__template").order_by("-changed_at"),
    }
    return render(request, "partners/remarks/threads.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def answer(request: Request, assignment_id: int, key: str) -> HttpResponse:
    own = Assignment.objects.filter(organization__in=list(request.actor.memberships))
    return _answer(request, get_object_or_404(_whole(own), pk=assignment_id), key, "developer.html")


@staff_only(Permission.REVIEW)
@require_http_methods(["GET", "POST"])
def reviewed_answer(request: Request, assignment_id: int, key: str) -> HttpResponse:
    found = get_object_or_404(_whole(Assignment.objects.all()), pk=assignment_id)
    if found.organization_id in request.actor.memberships:
        raise Http404  # They see what their partner sees, and nothing that reviewers say.
    return _answer(request, found, key, "console.html")


@staff_only(Permission.REVIEW)
@require_POST
def resolution(request: Request, thread_id: int) -> HttpResponse:
    visible = Thread.objects.visible_to(request.actor)
    strange = visible.exclude(assignment__organization__in=list(request.actor.memberships))
    found = get_object_or_404(strange, pk=thread_id)
    actions.resolve_thread(found, by=request.actor)
    messages.success(request, "Settled. A new remark opens it again.")
    return redirect("remarks:reviewed_answer", found.assignment_id, found.key)


def _answer(request: Request, found: Assignment, key: str, base: str) -> HttpResponse:
    """Show one answer with what proves it and what is said about it; posting says something."""
    question = found.version.content.by_key.get(key)
    if question is None:
        raise Http404
    is_reviewer = base == "console.html"
    form = RemarkForm(
        request.POST or None, is_reviewer=is_reviewer, initial={"audience": "partner"}
    )
    if form.is_valid():
        actions.write_remark(found, by=request.actor, key=key, **form.cleaned_data)
        messages.success(request, "Said. Whoever it is for is told now.")
        return redirect(request.path)
    said = Thread.objects.filter(assignment=found, key=key)
    if not is_reviewer:
        said = said.filter(audience=Thread.Audience.PARTNER)
    owner = found.organization_id
    context = {
        "base": base,
        "nav": "queue" if is_reviewer else "security",
        "assignment": found,
        "question": question,
        "words": question.in_words(found.values().get(key)),
        "files": shown_for(found).get(key, []),
        "threads": said.prefetch_related("remarks__author").order_by("-audience"),
        "form": form,
        "is_reviewer": is_reviewer,
        "may_write": is_reviewer
        or allows(request.actor, Permission.ANSWER_QUESTIONNAIRE, organization_id=owner),
    }
    status = 422 if form.errors else 200
    return render(request, "partners/remarks/answer.html", context, status=status)


def _whole(found: AssignmentQuerySet) -> AssignmentQuerySet:
    return found.select_related("version__template", "organization")
