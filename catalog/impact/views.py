from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.apis.models import ApiVersion, Operation
from catalog.impact import actions
from catalog.impact.forms import AnswersForm, OpinionForm, RisksForm
from catalog.impact.models import Assessment
from catalog.impact.questions import QUESTIONS
from catalog.impact.standing import standing_of, standings_of
from catalog.scopes.models import Depth
from portal.access.permissions import Permission, allows
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import staff_only
from portal.ui.requests import Request

PAGE_SIZE = 25
FIELDS_SHOWN = 200


@require_safe
@staff_only()
def listing(request: Request) -> HttpResponse:
    """List what waits for an opinion, and every version that reveals something about people."""
    now = timezone.now()
    page = Paginator(_personal(), PAGE_SIZE).get_page(request.GET.get("page"))
    standings = standings_of(list(page.object_list), at=now)
    waiting = Assessment.objects.filter(status=Assessment.Status.SUBMITTED)
    context = {
        "nav": "impact",
        "page": page,
        "rows": [(version, standings[version.pk]) for version in page],
        "waiting": waiting.select_related("version__api", "author").order_by("submitted_at"),
        "now": now,
    }
    return render(request, "catalog/impact/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def assessment(request: Request, slug: str, label: str) -> HttpResponse:
    """Show what a version reveals and what was said of it; posting keeps it, or sends it on."""
    version = _version(slug, label)
    newest = version.assessments.order_by("-number").first()
    if request.method != "POST" or newest is None:
        return _page(request, version, newest)
    answers, risks = AnswersForm(request.POST), RisksForm(request.POST, prefix="risk")
    if answers.is_valid() and risks.is_valid():
        try:
            actions.write_assessment(
                newest,
                by=request.actor,
                answers=answers.cleaned_data,
                risks=[risk for form in risks if (risk := form.risk())],
            )
            if "send" in request.POST:
                actions.submit_assessment(newest, by=request.actor)
                messages.success(request, "Sent. The privacy officer is told.")
            else:
                messages.success(request, "Kept. Nobody is asked before you send it.")
        except Refused as refusal:
            explain(answers, refusal)
        else:
            return redirect(newest)
    return _page(request, version, newest, answers=answers, risks=risks)


@require_POST
@staff_only(Permission.ASSESS_IMPACT)
def opening(request: Request, slug: str, label: str) -> HttpResponse:
    version = _version(slug, label)
    try:
        actions.open_assessment(version, by=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("impact:assessment", slug, label)


@require_POST
@staff_only(Permission.JUDGE_IMPACT)
def opinion(request: Request, slug: str, label: str) -> HttpResponse:
    version = _version(slug, label)
    found = version.assessments.filter(status=Assessment.Status.SUBMITTED).first()
    if found is None:
        messages.warning(request, "Nothing waits for an opinion here any more.")
        return redirect("impact:assessment", slug, label)
    form = OpinionForm(request.POST)
    if form.is_valid():
        try:
            _judge(found, request, **form.cleaned_data)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, f"{str(found).capitalize()}: your opinion is kept.")
            return redirect(found)
    return _page(request, version, found, opinion=form)


def _judge(found: Assessment, request: Request, *, decision: str, opinion: str) -> None:
    if decision == Assessment.Status.RETURNED:
        return actions.return_assessment(found, by=request.actor, opinion=opinion)
    is_approved = decision == Assessment.Status.APPROVED
    return actions.decide_assessment(
        found, by=request.actor, opinion=opinion, is_approved=is_approved
    )


def _page(
    request: Request, version: ApiVersion, newest: Assessment | None, **forms: Any
) -> HttpResponse:
    standing = standing_of(version, at=timezone.now())
    is_writable = newest is not None and newest.status in Assessment.WRITABLE
    context = {
        "nav": "impact",
        "version": version,
        "standing": standing,
        "fields": standing.exposed[:FIELDS_SHOWN],
        "assessment": newest,
        "earlier": version.assessments.select_related("officer", "author").order_by("-number")[1:],
        "may_write": is_writable and allows(request.actor, Permission.ASSESS_IMPACT),
        "may_open": allows(request.actor, Permission.ASSESS_IMPACT),
        "may_judge": allows(request.actor, Permission.JUDGE_IMPACT),
        "answered": _answered(newest),
    }
    if newest is not None:
        context["answers"] = forms.get("answers") or AnswersForm(initial=newest.answers)
        context["risks"] = forms.get("risks") or RisksForm(prefix="risk", initial=newest.risks)
        context["opinion"] = forms.get("opinion") or OpinionForm()
    is_refused = any(form.is_bound for form in forms.values())
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return render(request, "catalog/impact/assessment.html", context, status=status)


def _answered(newest: Assessment | None) -> list[tuple[str, str]]:
    if newest is None:
        return []
    return [(question.text, newest.answers.get(question.code, "")) for question in QUESTIONS]


def _version(slug: str, label: str) -> ApiVersion:
    versions = ApiVersion.objects.select_related("api__owner")
    return get_object_or_404(versions, api__slug=slug, label=label)


def _personal() -> Any:
    """Return the versions in use or to come whose operations reveal something about people."""
    personal = Operation.objects.filter(version=OuterRef("pk"), depth__gte=Depth.PERSONAL)
    return (
        ApiVersion.objects.filter(Exists(personal))
        .exclude(status=ApiVersion.Status.SUNSET)
        .select_related("api__owner")
        .order_by("api__name", "-pk")
    )
