from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from partners.evidence.links import EvidenceWaits
from partners.organizations.current import organization_of
from partners.questionnaires import answering, assigning, evidence, sending, sheet
from partners.questionnaires.answering import Given
from partners.questionnaires.carrying import changes_between
from partners.questionnaires.cleaning import posted
from partners.questionnaires.content import Question, Section
from partners.questionnaires.forms import AttestationForm, HelpersForm
from partners.questionnaires.models import RENEWED_BEFORE, Assignment
from partners.questionnaires.sending import Incomplete
from portal.access.permissions import Permission, allows
from portal.accounts.guards import recent_login
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
def home(request: Request) -> HttpResponse:
    organization = organization_of(request)
    assignments = Assignment.objects.of(organization).order_by("-pk") if organization else []
    context = {
        "nav": "security",
        "organization": organization,
        "sets": [
            _overview(request, assignment)
            for assignment in assignments
            if not assignment.is_followed
        ],
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
    if request.method == "POST":
        return _send(request, code)
    return _before_sending(request, _assignment(request, code), AttestationForm())


@recent_login
def _send(request: Request, code: str) -> HttpResponse:
    assignment = _assignment(request, code)
    form = AttestationForm(request.POST)
    if form.is_valid():
        try:
            sending.submit_questionnaire(assignment, by=request.actor)
        except (EvidenceWaits, Incomplete) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your answers are with us now, usually 2 working days.")
            return redirect("questionnaires:home")
    return _before_sending(request, assignment, form)


@signed_in
def newer(request: Request, code: str) -> HttpResponse:
    """Show what a later version asks differently, and go on with it when asked to."""
    assignment = _assignment(request, code)
    latest = assignment.version.template.newest
    if latest is None or latest == assignment.version or not assignment.is_answerable:
        raise Http404
    if request.method == "POST":
        assigning.take_version(assignment, by=request.actor, version=latest)
        messages.success(request, f"You answer version {latest.semver} now. Look at each answer.")
        return redirect("questionnaires:home")
    context = _overview(request, assignment) | {
        "nav": "security",
        "latest": latest,
        "changes": changes_between(assignment.version.content, latest.content),
    }
    return render(request, "partners/questionnaires/newer.html", context)


@signed_in
def helpers(request: Request, code: str) -> HttpResponse:
    """Say which colleague looks after which section."""
    assignment = _assignment(request, code)
    form = HelpersForm(request.POST if request.method == "POST" else None, assignment=assignment)
    if form.is_valid():
        for name, person in form.chosen():
            assigning.delegate_section(assignment, by=request.actor, section=name, to=person)
        messages.success(request, "It is noted who looks after what.")
        return redirect("questionnaires:helpers", code)
    context = _overview(request, assignment) | {
        "nav": "security",
        "form": form,
        "may_submit": _may(request, assignment, Permission.SUBMIT_QUESTIONNAIRE),
    }
    return render(request, "partners/questionnaires/helpers.html", context)


def _before_sending(
    request: Request, assignment: Assignment, form: AttestationForm
) -> HttpResponse:
    answers = {answer.key: answer for answer in assignment.answers.all()}
    values = {key: answer.value for key, answer in answers.items() if answer.value is not None}
    reasons = {key: answer.na_reason for key, answer in answers.items()}
    content = assignment.version.content
    visible = set(content.visible(values))
    missing = sending.what_is_missing(assignment, answers)
    context = _overview(request, assignment) | {
        "nav": "security",
        "form": form,
        "statement": sending.STATEMENT,
        "may_submit": _may(request, assignment, Permission.SUBMIT_QUESTIONNAIRE),
        "missing": missing,
        "told": [
            (
                section,
                [
                    (
                        q,
                        sheet.in_words(q, values.get(q.key), reasons.get(q.key, "")),
                        missing.get(q.key),
                    )
                    for q in asked
                ],
            )
            for section in content.sections
            if (asked := [q for q in section.questions if q.key in visible])
        ],
    }
    return render(
        request, "partners/questionnaires/send.html", context, status=422 if form.errors else 200
    )


def _save(request: Request, assignment: Assignment, page: Section) -> HttpResponse:
    """Keep a page's answers at once, as a browser without script sends them."""
    given = {
        question.key: _given(request, question)
        for question in page.questions
        if f"revision-{question.key}" in request.POST
    }
    outcome = answering.answer_section(assignment, by=request.actor, answers=[*given.values()])
    if not outcome.refused:
        following = assignment.version.content.sections[page_place(assignment, page) :]
        if not following:
            return redirect("questionnaires:send", assignment.version.template.code)
        return redirect("questionnaires:section", _code(assignment), following[0].code)
    context = _page(request, assignment, page) | {
        "lines": sheet.lines(assignment, page, posted=given, refused=outcome.refused),
        "refused": outcome.refused,
    }
    return render(request, "partners/questionnaires/section.html", context, status=422)


def _given(request: Request, question: Question) -> Given:
    post, key = request.POST, question.key
    return Given(
        key=key,
        value=posted(question, post),
        revision=_revision(request, key),
        na_reason=post.get(f"na-reason-{key}", "") if f"na-{key}" in post else None,
        is_confirmed=f"carried-{key}" not in post or f"confirm-{key}" in post,
    )


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
        "behind": sheet.behind(assignment, page),
        "kept_files": evidence.offered(assignment.organization_id),
        "may_answer": assignment.is_answerable
        and answering.may_answer(assignment, page.code, by=request.actor),
    }


def _overview(request: Request, assignment: Assignment) -> dict[str, object]:
    answers = list(assignment.answers.all())
    values = {answer.key: answer.value for answer in answers if answer.value is not None}
    left_out = {answer.key: answer.na_reason for answer in answers if answer.na_reason}
    delegations = assignment.delegations.select_related("to")
    helper_of = {one.section: one.to.name for one in delegations}
    rows = sheet.progress(assignment.version.content, values, left_out, helper_of)
    return {
        "assignment": assignment,
        "code": _code(assignment),
        "content": assignment.version.content,
        "progress": rows,
        "done_count": sum(row.is_done for row in rows),
        "is_complete": all(row.is_done for row in rows),
        "next": next((row for row in rows if not row.is_done), None),
        **_validity(request, assignment),
        "has_newer": assignment.is_answerable
        and assignment.version.template.newest != assignment.version,
        "may_answer": assignment.is_answerable
        and _may(request, assignment, Permission.ANSWER_QUESTIONNAIRE),
        "last": assignment.submissions.select_related("submitted_by")
        .prefetch_related("scores")
        .order_by("round")
        .last(),
    }


def _validity(request: Request, assignment: Assignment) -> dict[str, object]:
    """Return until when the approved answers hold: these, or those that they are to renew."""
    approved = assignment.replaces or assignment
    now, until = timezone.now(), approved.valid_until
    if approved.status != Assignment.Status.APPROVED or until is None:
        return {"until": None}
    ends_soon = now >= until - RENEWED_BEFORE
    return {
        "until": until,
        "has_ended": now >= until,
        "ends_soon": ends_soon,
        "may_renew": ends_soon
        and approved == assignment
        and _may(request, assignment, Permission.SUBMIT_QUESTIONNAIRE),
    }


def _may(request: Request, assignment: Assignment, permission: Permission) -> bool:
    return allows(request.actor, permission, organization_id=assignment.organization_id)


def _assignment(request: Request, code: str) -> Assignment:
    """Return the newest of that name: a renewal stands before what it renews."""
    organization = organization_of(request)
    mine = Assignment.objects.of(organization).order_by("-pk") if organization else None
    found = mine.filter(version__template__code=code).first() if mine is not None else None
    if found is None:
        raise Http404
    return found


def _code(assignment: Assignment) -> str:
    return assignment.version.template.code


def _revision(request: Request, key: str) -> int:
    """Return which answer the person saw, or, when they insist, the one that they replace."""
    text = request.POST.get(f"replace-{key}") or request.POST.get(f"revision-{key}", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
