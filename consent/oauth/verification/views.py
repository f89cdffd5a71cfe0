"""The page on which a customer types the code that a device shows."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from consent.arrangements.models import Customer
from consent.oauth import deciding, devices
from consent.oauth.amending import shown_around
from consent.oauth.forms import DecisionForm, IntentForm, first_form
from consent.oauth.models import AuthorizationIntent
from consent.oauth.pickers import labelled
from consent.oauth.redirects import SeeOther
from consent.oauth.verification.forms import DeviceForm
from portal.accounts.guards import signed_in_at
from portal.accounts.sessions import session_of
from portal.errors import Conflict, Refused
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
@never_cache
@sensitive_post_parameters("user_code")
@require_http_methods(["GET", "POST"])
def device(request: Request) -> HttpResponse:
    """Ask for the code, then for the decision; an address that holds the code only fills it in."""
    if "intent" in request.POST:
        return _decide(request)
    if request.method == "POST":
        return _enter(request, DeviceForm(request.POST))
    typed = devices.normal(request.GET.get("user_code", "")[:40])[: devices.LENGTH]
    return _page(
        request, DeviceForm(initial={"user_code": devices.spelled(typed) if typed else ""})
    )


@signed_in
@require_GET
def answered(request: Request) -> HttpResponse:
    return render(request, "consent/oauth/device_answered.html")


def _enter(request: Request, form: DeviceForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form)
    now = timezone.now()
    try:
        found = devices.find(
            form.cleaned_data["user_code"],
            person_id=request.actor.person_id or 0,
            address=request.META.get("REMOTE_ADDR", ""),
            at=now,
        )
    except Refused as error:
        form.add_error("user_code", str(error))
        return _page(request, form, status=error.status)
    client = found.application
    customer = Customer.objects.filter(user_id=request.actor.person_id or 0).first()
    if customer is None or not customer.may_meet(client):
        context = {"client": client, "customer": customer}
        return render(request, "consent/oauth/not_for_you.html", context, status=403)
    intent = devices.open_intent(customer, found, at=now)
    return _screen(request, intent, first_form(intent))


def _decide(request: Request) -> HttpResponse:
    intent = _intent_of(request)
    if intent is None:
        return SeeOther(reverse("oauth:device"))
    form = DecisionForm(request.POST, notice=intent.notice)
    if form.is_valid():
        try:
            return SeeOther(_take(request, intent, form))
        except Conflict as error:
            messages.warning(request, str(error))
            return SeeOther(reverse("oauth:device"))
        except Refused as error:
            form.add_error(None, str(error))
    return _screen(request, intent, form)


def _take(request: Request, intent: AuthorizationIntent, form: DecisionForm) -> str:
    if form.cleaned_data["decision"] == "deny":
        return deciding.deny_authorization(intent, by=request.actor)
    return deciding.approve_authorization(
        intent,
        by=request.actor,
        optional=form.cleaned_data["g"],
        period=form.cleaned_data["until"],
        resources=form.picks,
        locale=intent.notice.get("language", request.LANGUAGE_CODE),
        authenticated_at=signed_in_at(request),
        session=session_of(request),
    )


def _intent_of(request: Request) -> AuthorizationIntent | None:
    """Return the screen that was answered, if it was this person's and for a device."""
    form = IntentForm(request.POST)
    if not form.is_valid():
        return None
    return (
        AuthorizationIntent.objects.select_related(
            "client__application__organization", "customer__user", "device"
        )
        .filter(pk=form.cleaned_data["intent"], customer__user_id=request.actor.person_id or 0)
        .exclude(device=None)
        .first()
    )


def _screen(request: Request, intent: AuthorizationIntent, form: DecisionForm) -> HttpResponse:
    context = {"intent": intent, "client": intent.client, "notice": intent.notice, "form": form}
    context |= shown_around(intent)
    context["pickers"] = labelled(form.pickers, intent.customer)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "consent/oauth/consent.html", context, status=status)


def _page(request: Request, form: DeviceForm, *, status: int = 422) -> HttpResponse:
    status = status if form.errors else HTTPStatus.OK
    return render(request, "consent/oauth/device.html", {"form": form}, status=status)
