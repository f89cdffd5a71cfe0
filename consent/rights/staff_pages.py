"""The privacy officer's pages: counts, clocks and lags; a request has a number and no name."""

# ruff: noqa: TID251 - these are views, apart because of their readers

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent.arrangements.models import Customer
from consent.rights import actions, closing, overview, restricting, wording
from consent.rights.models import DataRequest, Hold, Restriction, Task
from consent.rights.officer_forms import AnswerForm, ExtensionForm, HoldForm
from portal.access.permissions import Permission
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import staff_only
from portal.ui.requests import Request

PAGE_SIZE = 25


@require_safe
@staff_only(Permission.ANSWER_RIGHTS)
def console(request: Request) -> HttpResponse:
    return _console(request, HoldForm())


@require_POST
@staff_only(Permission.HOLD_RECORDS)
def hold(request: Request) -> HttpResponse:
    """Place a hold for a reference; whether there is such a customer is all that is said."""
    form = HoldForm(request.POST)
    if form.is_valid():
        customer = Customer.objects.filter(public_id=form.cleaned_data["reference"]).first()
        if customer is not None:
            closing.place_hold(customer.user, by=request.actor, reason=form.cleaned_data["reason"])
            messages.success(request, "Their records are kept until you release them.")
            return redirect("rights:console")
        form.add_error("reference", "No customer has this reference.")
    return _console(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_POST
@staff_only(Permission.HOLD_RECORDS)
def release(request: Request, hold_id: int) -> HttpResponse:
    closing.release_hold(get_object_or_404(Hold, pk=hold_id), by=request.actor)
    messages.success(request, "Released. What waits for erasure goes on.")
    return redirect("rights:console")


@never_cache
@require_http_methods(["GET", "POST"])
@staff_only(Permission.ANSWER_RIGHTS)
def request_page(request: Request, number: str) -> HttpResponse:
    found = _request(number)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_request(found, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, f"{found.number} is answered. The person is told.")
            return redirect("rights:console")
    may_answer = found.kind in actions.CLOSED_BY_STAFF
    words = actions.read_request(found, by=request.actor) if may_answer else ""
    found.refresh_from_db()
    state, tone = wording.STATES[found.status]
    context = {
        "nav": "rights",
        "request_": found,
        "state": state,
        "tone": tone,
        "is_late": found.is_overdue(at=timezone.now()),
        "labels": wording.labels_of(found.cluster_codes),
        "objection": actions.OBJECTIONS.get(found.about, ""),
        "words": words,
        "answer": actions.answer_of(found) if may_answer else "",
        "form": form if may_answer and found.is_open else None,
        "extension": ExtensionForm() if found.is_open and not found.extended_at else None,
        "restriction": Restriction.objects.filter(request=found).first(),
        "may_pause": found.is_open and found.kind in restricting.PAUSED_MEANWHILE,
        "may_end": found.kind in restricting.PAUSED_MEANWHILE,
        "task_counts": _task_counts(found),
    }
    return render(request, "consent/rights/console_request.html", context)


@require_POST
@staff_only(Permission.ANSWER_RIGHTS)
def extension(request: Request, number: str) -> HttpResponse:
    form = ExtensionForm(request.POST)
    found = _request(number)
    if form.is_valid():
        actions.extend_request(found, by=request.actor, **form.cleaned_data)
        messages.success(request, "Two more months. The person is told now.")
    return redirect("rights:console_request", found.number)


@require_POST
@staff_only(Permission.ANSWER_RIGHTS)
def pause(request: Request, number: str) -> HttpResponse:
    found = _request(number)
    restricting.restrict_meanwhile(found, by=request.actor)
    messages.success(request, "The use of this data is paused until you announce its end.")
    return redirect("rights:console_request", found.number)


@require_POST
@staff_only(Permission.ANSWER_RIGHTS)
def lifting(request: Request, number: str) -> HttpResponse:
    found = _request(number)
    restriction = get_object_or_404(Restriction, request=found)
    restricting.announce_lifting(restriction, by=request.actor)
    messages.success(request, "The person is told now. The pause ends in three days.")
    return redirect("rights:console_request", found.number)


def _console(request: Request, form: HoldForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    now = timezone.now()
    page = Paginator(overview.waiting(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "rights",
        "figures": overview.figures(at=now),
        "recipients": overview.recipients(at=now),
        "page": page,
        "rows": [(one, *wording.STATES[one.status], one.is_overdue(at=now)) for one in page],
        "holds": Hold.objects.filter(released_at=None).order_by("pk"),
        "form": form,
        "now": now,
    }
    return render(request, "consent/rights/console.html", context, status=status)


def _task_counts(found: DataRequest) -> dict[str, int]:
    tasks = list(Task.objects.filter(request=found).values_list("status", flat=True))
    return {str(wording.TASK_STATES[one][0]): tasks.count(one) for one in dict.fromkeys(tasks)}


def _request(number: str) -> DataRequest:
    digits = number.removeprefix("DR-")
    if digits == number or not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise Http404
    return get_object_or_404(DataRequest, pk=int(digits))
