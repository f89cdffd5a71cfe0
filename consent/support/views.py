"""Support’s pages: one customer at a time, by reference, after the evidence was written down."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent.arrangements import overview
from consent.arrangements.models import Arrangement, Customer
from consent.minors.models import Guardianship
from consent.minors.questions import birth_of, is_minor
from consent.support import actions
from consent.support.forms import BirthDateForm, CaseForm, EndForm, GuardianForm, KeepForm
from consent.support.models import SupportCase
from partners.applications.models import Application
from portal.access.permissions import Permission
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import staff_only
from portal.ui.requests import Request

RECENT = 20


@never_cache
@require_http_methods(["GET", "POST"])
@staff_only(Permission.ACT_FOR_CUSTOMER)
def desk(request: Request) -> HttpResponse:
    form = CaseForm(request.POST or None)
    if form.is_valid():
        said = dict(form.cleaned_data)
        customer = Customer.objects.filter(public_id=said.pop("reference")).first()
        if customer is None:
            form.add_error("reference", "No customer has this reference.")
        else:
            try:
                return redirect(actions.open_case(customer, by=request.actor, **said))
            except Refused as refusal:
                explain(form, refusal)
    mine = SupportCase.objects.visible_to(request.actor).order_by("-pk")
    context = {"nav": "support", "form": form, "cases": mine[:RECENT], "now": timezone.now()}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "consent/support/desk.html", context, status=status)


@never_cache
@require_safe
@staff_only(Permission.ACT_FOR_CUSTOMER)
def case(request: Request, number: str) -> HttpResponse:
    return _page(request, _case(request, number))


@require_POST
@staff_only(Permission.ACT_FOR_CUSTOMER)
def stop(request: Request, number: str, slug: str) -> HttpResponse:
    found = _case(request, number)
    application = get_object_or_404(Application, slug=slug)
    stopped = actions.stop_for(found, by=request.actor, application=application)
    messages.success(request, f"{len(stopped)} stopped. The customer is told now.")
    return redirect(found)


@require_POST
@staff_only(Permission.ACT_FOR_CUSTOMER)
def leave_out(request: Request, number: str, slug: str) -> HttpResponse:
    found = _case(request, number)
    arrangement = _running(found, slug)
    scopes = overview.scopes_of([arrangement])[arrangement.pk]
    form = KeepForm(request.POST, scopes=scopes)
    if not form.is_valid():
        messages.warning(request, "This changed since you opened the page. Look again.")
        return redirect(found)
    try:
        actions.leave_out_for(
            found,
            arrangement,
            by=request.actor,
            keep=form.cleaned_data["keep"],
            seen_version=form.cleaned_data["version"],
        )
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Saved. The customer is told now.")
    return redirect(found)


@require_POST
@staff_only(Permission.CHANGE_BIRTH_DATE)
def birth_date(request: Request, number: str) -> HttpResponse:
    found = _case(request, number)
    form = BirthDateForm(request.POST)
    if form.is_valid():
        try:
            actions.change_birth_date_in(found, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, "Changed. The customer, and who decides with them, are told.")
            return redirect(found)
    return _page(request, found, birth_form=form)


@require_POST
@staff_only(Permission.KEEP_GUARDIANSHIPS)
def link(request: Request, number: str) -> HttpResponse:
    found = _case(request, number)
    form = GuardianForm(request.POST)
    if form.is_valid():
        guardian = Customer.objects.filter(public_id=form.cleaned_data["guardian"]).first()
        if guardian is None:
            form.add_error("guardian", "No customer has this reference.")
        else:
            try:
                actions.begin_guardianship_in(found, guardian, by=request.actor)
            except Refused as refusal:
                explain(form, refusal)
            else:
                messages.success(request, "Linked. Both are told now.")
                return redirect(found)
    return _page(request, found, guardian_form=form)


@require_POST
@staff_only(Permission.KEEP_GUARDIANSHIPS)
def unlink(request: Request, number: str, link_id: UUID) -> HttpResponse:
    found = _case(request, number)
    links = Guardianship.objects.live().filter(child=found.customer.user)
    guardianship = get_object_or_404(links, pk=link_id)
    form = EndForm(request.POST)
    if form.is_valid():
        actions.end_guardianship_in(found, guardianship, by=request.actor, **form.cleaned_data)
        messages.success(request, "Ended. What was allowed is paused, and both are told.")
    return redirect(found)


def _page(request: Request, found: SupportCase, **forms: Any) -> HttpResponse:
    now = timezone.now()
    customer = found.customer
    running = customer.arrangements.running(at=now).select_related(
        "client__application__organization", "customer__user"
    )
    links = Guardianship.objects.live().filter(child=customer.user)
    sharings = overview.told(list(running.order_by("-given_at")), at=now)
    context = {
        "nav": "support",
        "case": found,
        "note": actions.note_of(found),
        "is_open": found.closes_at > now,
        "sharings": [(one, _may_be_less(one)) for one in sharings],
        "has_birth_date": birth_of(customer.user) is not None,
        "is_minor": is_minor(customer.user, at=now),
        "links": links.select_related("guardian__customer").order_by("begun_at"),
        "birth_form": BirthDateForm(),
        "guardian_form": GuardianForm(),
        "end_form": EndForm(),
        **forms,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if forms else HTTPStatus.OK
    return render(request, "consent/support/case.html", context, status=status)


def _may_be_less(sharing: overview.Sharing) -> bool:
    return any(not line.words["is_required"] for line in sharing.lines)


def _case(request: Request, number: str) -> SupportCase:
    digits = number.removeprefix("SC-")
    if digits == number or not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise Http404
    own = SupportCase.objects.visible_to(request.actor).select_related("customer__user")
    return get_object_or_404(own, pk=int(digits))


def _running(found: SupportCase, slug: str) -> Arrangement:
    running = found.customer.arrangements.running(at=timezone.now())
    arrangement: Arrangement | None = running.filter(client__application__slug=slug).first()
    if arrangement is None:
        raise Http404
    return arrangement
