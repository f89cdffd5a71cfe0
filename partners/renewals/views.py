from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from partners.organizations.current import organization_of
from partners.questionnaires.models import Assignment
from partners.renewals import actions, library
from partners.renewals.forms import CaiqForm
from portal.access.permissions import Permission, allows
from portal.errors import Malformed
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@require_POST
@signed_in
def renew(request: Request, code: str) -> HttpResponse:
    actions.start_renewal(_newest(request, code), by=request.actor)
    messages.success(request, "Your answers came along. Say of each that it is still true.")
    return redirect("questionnaires:home")


@signed_in
def kept(request: Request, code: str) -> HttpResponse:
    """Show what was said before, and lay it down where nothing is answered yet."""
    assignment = _newest(request, code)
    if request.method == "POST":
        count = actions.fill_from_library(assignment, by=request.actor)
        words = f"{count} answers came along. Say of each that it is still true."
        messages.success(request, words if count else "Nothing new fits what is still open.")
        return redirect("questionnaires:home")
    return _library(request, assignment, CaiqForm())


@require_POST
@signed_in
def caiq(request: Request, code: str) -> HttpResponse:
    assignment = _newest(request, code)
    form = CaiqForm(request.POST, request.FILES)
    unmapped: tuple[str, ...] | None = None
    if form.is_valid():
        try:
            body = form.cleaned_data["file"].read(2_000_001)
            count, unmapped = actions.fill_from_caiq(assignment, by=request.actor, body=body)
        except Malformed as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, f"{count} answers came along. Say of each that it is true.")
    return _library(request, assignment, form, unmapped)


def _library(
    request: Request,
    assignment: Assignment,
    form: CaiqForm,
    unmapped: tuple[str, ...] | None = None,
) -> HttpResponse:
    known = library.kept_answers(assignment.organization, besides=assignment)
    here = set(assignment.answers.values_list("key", flat=True))
    context = {
        "nav": "security",
        "assignment": assignment,
        "code": assignment.version.template.code,
        "content": assignment.version.content,
        "may_answer": assignment.is_answerable
        and allows(
            request.actor,
            Permission.ANSWER_QUESTIONNAIRE,
            organization_id=assignment.organization_id,
        ),
        "kept": sorted(known.values(), key=lambda one: one.question.text),
        "fitting_count": sum(one.key not in here for one in library.matching(assignment, known)),
        "form": form,
        "unmapped": unmapped,
    }
    return render(
        request, "partners/renewals/library.html", context, status=422 if form.errors else 200
    )


def _newest(request: Request, code: str) -> Assignment:
    organization = organization_of(request)
    if organization is None:
        raise Http404
    mine = Assignment.objects.of(organization).filter(version__template__code=code)
    found = mine.order_by("-pk").first()
    if found is None:
        raise Http404
    return found
