"""The page on which a customer says yes or no, and the pages for when it must not be shown."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from consent.arrangements.models import Customer
from consent.oauth import actions
from consent.oauth.authentication import find_client
from consent.oauth.authorization import (
    AuthorizationRequest,
    ReturnAddress,
    read_request,
    return_address,
)
from consent.oauth.errors import (
    ConsentRequired,
    InvalidScope,
    LoginRequired,
    OAuthError,
    UnknownClient,
)
from consent.oauth.forms import DecisionForm, IntentForm
from consent.oauth.models import AuthorizationIntent
from consent.oauth.notes import noted
from consent.oauth.parameters import Parameters, read_parameters
from partners.applications.models import Client
from partners.subscriptions.access import Use, uses_of
from portal.accounts.onward import let_forms_lead_to
from portal.errors import Conflict, Refused
from portal.ui.requests import Request


class SeeOther(HttpResponseRedirect):
    """Go there with a GET: a redirect that repeats the POST would hand on what was typed."""

    status_code = 303
    allowed_schemes = ["http", "https"]


@never_cache
@noted
@require_http_methods(["GET", "POST"])
def authorize(request: Request) -> HttpResponse:
    if request.method == "POST":
        return _decide(request)
    parameters = Parameters({})
    client = None
    try:
        parameters = read_parameters(request.META.get("QUERY_STRING", ""))
        client = _client_of(parameters)
        address = return_address(parameters, is_registered=client.redirect_uri_allowed)
    except OAuthError as error:
        return _stopped(request, error, parameters, client)
    is_silent = "none" in parameters.get("prompt").split()
    # A stranger's browser is not bounced on to the client before anybody has signed in.
    if not request.user.is_authenticated and not is_silent:
        return let_forms_lead_to(address.form_source, redirect_to_login(request.get_full_path()))
    try:
        uses = uses_of(client, at=timezone.now())
        asked = _read(parameters, uses)
        if is_silent:
            raise _silent_refusal(request)
    except OAuthError as error:
        return SeeOther(_refusal(address, error))
    return _ask(request, client, asked, uses)


def _ask(
    request: Request, client: Client, asked: AuthorizationRequest, uses: tuple[Use, ...]
) -> HttpResponse:
    customer = _customer_of(request)
    if customer is None or not customer.may_meet(client):
        context = {"client": client, "customer": customer}
        return render(request, "consent/oauth/not_for_you.html", context, status=403)
    intent = actions.open_intent(customer, client, asked, uses=uses)
    if intent.decided_at is not None:
        return _already_decided(request, intent)
    return _screen(request, intent, DecisionForm(notice=intent.notice))


def _decide(request: Request) -> HttpResponse:
    intent = _intent_of(request)
    if intent is None:
        return SeeOther(request.get_full_path())
    form = DecisionForm(request.POST, notice=intent.notice)
    if form.is_valid():
        try:
            return SeeOther(_take(request, intent, form.cleaned_data))
        except actions.AlreadyDecided:
            return _already_decided(request, intent)
        except Conflict as error:
            messages.warning(request, str(error))
            return SeeOther(request.get_full_path())
        except Refused as error:
            form.add_error(None, str(error))
    return _screen(request, intent, form)


def _take(request: Request, intent: AuthorizationIntent, choices: dict[str, Any]) -> str:
    """Do what was decided and return where the browser goes next."""
    if choices["decision"] == "deny":
        return actions.deny_authorization(intent, by=request.actor)
    return actions.approve_authorization(
        intent,
        by=request.actor,
        optional=choices["g"],
        days=choices["until"],
        locale=request.LANGUAGE_CODE,
        authenticated_at=_authenticated_at(request),
    )


def _screen(request: Request, intent: AuthorizationIntent, form: DecisionForm) -> HttpResponse:
    source = AuthorizationRequest.from_json(intent.request).return_address.form_source
    context = {"intent": intent, "client": intent.client, "notice": intent.notice, "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK

    # Browsers apply form-action to the redirect that follows, too: only this answer allows it.
    @csp_update({"form-action": [source]})
    def page(request: HttpRequest) -> HttpResponse:
        return render(request, "consent/oauth/consent.html", context, status=status)

    return cast("HttpResponse", page(request))


def _already_decided(request: Request, intent: AuthorizationIntent) -> HttpResponse:
    return render(request, "consent/oauth/decided.html", {"client": intent.client}, status=409)


def _stopped(
    request: HttpRequest, error: OAuthError, parameters: Parameters, client: Client | None
) -> HttpResponse:
    """Say on our own page what went wrong: there is no address that is safe to go to."""
    context = {
        "error": error,
        "client": client,
        "client_id": parameters.get("client_id")[:80],
        "redirect_uri": parameters.get("redirect_uri")[:200],
        "now": timezone.now(),
    }
    response = render(request, "consent/oauth/stopped.html", context, status=400)
    response["X-Portal-Reason"] = error.code
    return response


def _silent_refusal(request: Request) -> OAuthError:
    """Return why nothing can be granted without showing a page: a person always decides."""
    if request.user.is_authenticated:
        return ConsentRequired("The customer has to be asked.")
    return LoginRequired("The customer has to sign in.")


def _refusal(address: ReturnAddress, error: OAuthError) -> str:
    return address.answer(issuer=settings.ISSUER, error=error.code, error_description=str(error))


def _client_of(parameters: Parameters) -> Client:
    client_id = parameters.once("client_id")
    client = find_client(client_id)
    if client is None:
        raise UnknownClient("There is no client with this client_id.")
    if not client.is_live:
        raise UnknownClient("This application may not ask for data now.")
    return client


def _read(parameters: Parameters, uses: tuple[Use, ...]) -> AuthorizationRequest:
    asked = read_request(parameters, offered=[use.scope for use in uses])
    if not any(use.cluster_code for use in uses if use.scope in asked.scopes):
        raise InvalidScope("None of these scopes opens customer data: use client_credentials.")
    return asked


def _customer_of(request: Request) -> Customer | None:
    return Customer.objects.filter(user_id=request.actor.person_id or 0).first()


def _intent_of(request: Request) -> AuthorizationIntent | None:
    form = IntentForm(request.POST)
    if not form.is_valid():
        return None
    return (
        AuthorizationIntent.objects.select_related(
            "client__application__organization", "customer__user"
        )
        .filter(pk=form.cleaned_data["intent"], customer__user_id=request.actor.person_id or 0)
        .first()
    )


def _authenticated_at(request: Request) -> datetime | None:
    """Return when this person last proved who they are, as the session remembers it."""
    records: list[dict[str, Any]] = request.session.get("account_authentication_methods") or []
    moments = [record["at"] for record in records if record.get("at")]
    return datetime.fromtimestamp(max(moments), UTC) if moments else None
