"""The person's own pages: what they may ask, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent.arrangements.guards import arrangements_with
from consent.arrangements.models import Customer
from consent.arrangements.moments import zone_of
from consent.rights import actions, clock, closing, copying, deleting, export, restricting, wording
from consent.rights.forms import FORMS, ClosingForm
from consent.rights.models import Copy, DataRequest, Hold, Restriction, Task
from partners.applications.models import Application
from portal.accounts.guards import recent_login
from portal.accounts.languages import go_on_in
from portal.accounts.models import User
from portal.errors import Refused
from portal.events.models import Event
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request

P = ParamSpec("P")
PersonView = Callable[Concatenate[Request, User, P], HttpResponse]
Kind = DataRequest.Kind
FOR_CUSTOMERS = (Kind.RECTIFICATION, Kind.RESTRICTION)


def person_page(view: PersonView[P]) -> Callable[..., HttpResponse]:
    """Hand the view its person, in their own time."""

    @never_cache
    @signed_in
    @wraps(view)
    def page(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            raise Http404
        with timezone.override(zone_of(user.time_zone)):
            return view(request, user, *args, **kwargs)

    return page


@require_safe
@person_page
def home(request: Request, person: User) -> HttpResponse:
    customer = Customer.objects.filter(user=person).first()
    context = {
        "nav": "data",
        "offers": [
            (kind, offer)
            for kind, offer in wording.OFFERS.items()
            if customer is not None or kind not in FOR_CUSTOMERS
        ],
        "customer": customer,
        "requests": [
            (one, *wording.STATES[one.status])
            for one in DataRequest.objects.visible_to(request.actor).order_by("-received_at", "-pk")
        ],
        "now": timezone.now(),
        "zone": person.time_zone,
    }
    return render(request, "consent/rights/home.html", context)


@require_http_methods(["GET", "POST"])
@person_page
def new(request: Request, person: User, kind: str) -> HttpResponse:
    if kind == Kind.ERASURE:
        return redirect("rights:close")
    if kind in export.SECTIONS:
        return _copy(request, person, Kind(kind))
    customer = Customer.objects.select_related("user").filter(user=person).first()
    if kind not in FORMS or (customer is None and kind in FOR_CUSTOMERS):
        raise Http404
    form = FORMS[kind](request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_ask(request, person, customer, Kind(kind), form))
        except Refused as refusal:
            explain(form, refusal)
    context = {"nav": "data", "kind": kind, "offer": wording.OFFERS[kind], "form": form}
    return render(request, "consent/rights/new.html", context)


def _ask(
    request: Request, person: User, customer: Customer | None, kind: Kind, form: forms.Form
) -> DataRequest:
    go_on_in(request, get_language() or "")
    if kind == Kind.RESTRICTION and customer is not None:
        return restricting.restrict(customer, by=request.actor, **form.cleaned_data).request
    return actions.ask(person, by=request.actor, kind=kind, **form.cleaned_data)


@recent_login
def _copy(request: Request, person: User, kind: Kind) -> HttpResponse:
    if request.method == "POST":
        go_on_in(request, get_language() or "")
        try:
            return redirect(copying.ask_for_copy(person, by=request.actor, kind=kind))
        except actions.AlreadyAsked as refusal:
            messages.info(request, str(refusal))
            return redirect("rights:home")
    context = {"nav": "data", "kind": kind, "offer": wording.OFFERS[kind]}
    return render(request, "consent/rights/copy.html", context)


@require_safe
@person_page
def request_page(request: Request, person: User, number: str) -> HttpResponse:
    found = _request(request, number)
    copy = Copy.objects.filter(request=found).select_related("request").first()
    restriction = Restriction.objects.filter(request=found).first()
    state, tone = wording.STATES[found.status]
    context = {
        "nav": "data",
        "request_": found,
        "state": state,
        "tone": tone,
        "is_late": found.is_overdue(at=timezone.now()),
        "why_longer": actions.EXTENSIONS.get(found.extension_reason, ""),
        "objection": actions.OBJECTIONS.get(found.about, ""),
        "labels": wording.labels_of(found.cluster_codes),
        "words": actions.words_of(found),
        "answer": actions.answer_of(found),
        "copy": copy,
        "link": copying.link_of(copy) if copy else "",
        "restriction": restriction,
        "application": found.application,
        "tasks": [
            (task, *wording.task_state(task, at=timezone.now()))
            for task in Task.objects.filter(request=found)
            .select_related("application__organization")
            .order_by("application__name", "pk")
        ],
        "steps": [
            (event.recorded_at, wording.STEPS[event.kind])
            for event in Event.objects.about(found).order_by("pk")
            if event.kind in wording.STEPS
        ],
        "zone": person.time_zone,
    }
    return render(request, "consent/rights/request.html", context)


@require_POST
@person_page
def cancel(request: Request, person: User, number: str) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    found = actions.cancel_request(_request(request, number), by=request.actor)
    messages.success(request, _("Taken back. You can ask again at any time."))
    return redirect(found)


@require_POST
@person_page
def lift(request: Request, person: User, number: str) -> HttpResponse:  # noqa: ARG001
    found = _request(request, number)
    restriction = get_object_or_404(
        Restriction.objects.select_related("customer", "request"), request=found
    )
    restricting.lift(restriction, by=request.actor)
    messages.success(
        request, _("The pause has ended. Apps that you allow can use your data again.")
    )
    return redirect(found)


@require_safe
@person_page
@recent_login
def file(request: Request, person: User, token: str) -> HttpResponse:  # noqa: ARG001
    """Hand out the file, this once."""
    copy, content = copying.fetch_copy(token, by=request.actor)
    response = HttpResponse(content, content_type="application/zip")
    name = f"meridian-{copy.request.number}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "POST"])
@person_page
@recent_login
def close(request: Request, person: User) -> HttpResponse:
    form = ClosingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        go_on_in(request, get_language() or "")
        try:
            found = closing.close_account(person, by=request.actor)
        except Refused as refusal:
            explain(form, refusal)
        else:
            request.session.flush()
            return render(request, "consent/rights/closed.html", {"request_": found, "nav": ""})
    mine = Application.objects.filter(clients__arrangements__customer__user=person)
    context = {
        "nav": "data",
        "form": form,
        "apps": list(mine.distinct().order_by("name")),
        "holds": Hold.objects.filter(person=person, released_at=None),
        "has_duties": closing.has_duties(person),
    }
    return render(request, "consent/rights/close.html", context)


@require_http_methods(["GET", "POST"])
@person_page
def deletion(request: Request, person: User, slug: str) -> HttpResponse:
    """Have one app delete what it has, once nothing is shared with it any more."""
    customer = get_object_or_404(Customer.objects.select_related("user"), user=person)
    application = arrangements_with(customer, slug)[0].client.application
    asked = deleting.open_one(customer, application)
    if asked is not None:
        return redirect(asked)
    if request.method == "POST":
        go_on_in(request, get_language() or "")
        return redirect(deleting.ask_to_delete(customer, application, by=request.actor))
    context = {
        "nav": "apps",
        "application": application,
        "is_shared": deleting.is_shared(customer, application),
        "due_at": timezone.now() + clock.CONTRACT_PERIOD,
        "zone": person.time_zone,
    }
    return render(request, "consent/rights/deletion.html", context)


def _request(request: Request, number: str) -> DataRequest:
    digits = number.removeprefix("DR-")
    if digits == number or not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise Http404
    return get_object_or_404(DataRequest.objects.visible_to(request.actor), pk=int(digits))
