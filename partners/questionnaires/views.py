from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from partners.organizations.current import organization_of
from partners.questionnaires import answering, sending, sheet
from partners.questionnaires.answering import Given
from partners.questionnaires.content import Section
from partners.questionnaires.forms import AttestationForm
from partners.questionnaires.models import Assignment
from partners.questionnaires.sending import Incomplete
from portal.access.permissions import Permission, allows
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
def home(request: Request) -> HttpResponse:
    organization = organization_of(request)
    assignments = Assignment.objects.of(organization).order_by("-pk") if organization else []
    context = {
        "nav": "security",
        "organization": organization,
        "sets": [_overview(request, assignment) for assignment in assignments],
    }
    return render(request, "partners/questionnaires/home.html", context)


@signed_in
def section(request: Request, code: str, section: str) -> HttpResponse:
    assignment = _assignment(request, code)
    page = next((s for s in assignment.version.content.sections if s.code == section), None)
    if page is None:
        raise Http404
    if request.method == "POST":
        return _save(request, assignment, page)
    return render(
        request,
        "partners/questionnaires/section.html",
        _page(request, assignment, page) | {"lines": sheet.lines(assignment, page)},
    )


@signed_in
def send(request: Request, code: str) -> HttpResponse:
    assignment = _assignment(request, code)
    form = AttestationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            sending.submit_questionnaire(assignment, by=request.actor)
        except Incomplete as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your answers are with us now, usually 2 working days.")
            return redirect("questionnaires:home")
    values = assignment.values()
    visible = set(assignment.version.content.visible(values))
    context = _overview(request, assignment) | {
        "nav": "security",
        "form": form,
        "may_submit": _may(request, assignment, Permission.SUBMIT_QUESTIONNAIRE),
        "told": [
            (section, [(q, q.in_words(values.get(q.key)), q.key in values) for q in asked])
            for section in assignment.version.content.sections
            if (asked := [q for q in section.questions if q.key in visible])
        ],
    }
    return render(
        request, "partners/questionnaires/send.html", context, status=422 if form.errors else 200
    )


def _save(request: Request, assignment: Assignment, page: Section) -> HttpResponse:
    """Keep a page's answers: one by one behind the page, or all when the form is sent."""
    posted = {
        question.key: request.POST.getlist(question.key)
        for question in page.questions
        if f"revision-{question.key}" in request.POST
    }
    outcome = answering.answer_section(
        assignment,
        by=request.actor,
        answers=[Given(key, given, _revision(request, key)) for key, given in posted.items()],
    )
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined] # its middleware adds it
    if not htmx and not outcome.refused:
        following = assignment.version.content.sections[page_place(assignment, page) :]
        if "stay" in request.POST:
            following = (page,)
        if not following:
            return redirect("questionnaires:send", assignment.version.template.code)
        return redirect("questionnaires:section", _code(assignment), following[0].code)
    context = _page(request, assignment, page) | {
        "lines": sheet.lines(assignment, page, posted=posted, refused=outcome.refused),
        "refused": outcome.refused,
        "saved_at": timezone.now(),
    }
    if htmx:
        return render(request, "partners/questionnaires/_saved.html", context)
    return render(request, "partners/questionnaires/section.html", context, status=422)


def page_place(assignment: Assignment, page: Section) -> int:
    """Return the page's number, counted from one."""
    return assignment.version.content.sections.index(page) + 1


def _page(request: Request, assignment: Assignment, page: Section) -> dict[str, object]:
    place = page_place(assignment, page)
    before = assignment.version.content.sections[: place - 1]
    return _overview(request, assignment) | {
        "nav": "security",
        "section": page,
        "place": place,
        "before": before[-1] if before else None,
    }


def _overview(request: Request, assignment: Assignment) -> dict[str, object]:
    rows = sheet.progress(assignment.version.content, assignment.values())
    return {
        "assignment": assignment,
        "code": _code(assignment),
        "content": assignment.version.content,
        "progress": rows,
        "done_count": sum(row.is_done for row in rows),
        "is_complete": all(row.is_done for row in rows),
        "next": next((row for row in rows if not row.is_done), None),
        "may_answer": assignment.is_answerable
        and _may(request, assignment, Permission.ANSWER_QUESTIONNAIRE),
        "last": assignment.submissions.select_related("submitted_by").order_by("round").last(),
    }


def _may(request: Request, assignment: Assignment, permission: Permission) -> bool:
    return allows(request.actor, permission, organization_id=assignment.organization_id)


def _assignment(request: Request, code: str) -> Assignment:
    organization = organization_of(request)
    if organization is None:
        raise Http404
    mine = Assignment.objects.of(organization).order_by("-pk")
    found = mine.filter(version__template__code=code).first()
    return found or get_object_or_404(mine, version__template__code=code)


def _code(assignment: Assignment) -> str:
    return assignment.version.template.code


def _revision(request: Request, key: str) -> int:
    """Return which answer the person saw, or, when they insist, the one that they replace."""
    text = request.POST.get(f"replace-{key}") or request.POST.get(f"revision-{key}", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
