"""The page on which a customer says yes or no, and the pages for when it must not be shown."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from consent.arrangements.models import Customer
from consent.oauth import asking, children, deciding, id_tokens, intents, kept, unasked
from consent.oauth.amending import shown_around
from consent.oauth.authorization import MAX_HINT_LENGTH, AuthorizationRequest, ReturnAddress
from consent.oauth.errors import (
    AccessDenied,
    ConsentRequired,
    LoginRequired,
    NotApprovedYet,
)
from consent.oauth.forms import DecisionForm, IntentForm, first_form
from consent.oauth.grants import InvalidGrantId, is_grant_of
from consent.oauth.models import AuthorizationIntent, PushedRequest
from consent.oauth.noting import noted
from consent.oauth.parameters import Parameters, read_parameters
from consent.oauth.pickers import labelled
from consent.oauth.pushed import find, is_ours
from consent.oauth.redirects import SeeOther
from consent.oauth.responses import refusal_of
from consent.oauth.visits import Visit, visit_of
from consent.proofs.errors import OAuthError
from partners.applications.models import Client
from partners.subscriptions.access import Use, uses_of
from portal.accounts.forms import LOGIN_HINT
from portal.accounts.guards import signed_in_at
from portal.accounts.languages import go_on_in, is_language, keep_language
from portal.accounts.onward import let_forms_lead_to
from portal.accounts.sessions import session_of
from portal.errors import Conflict, Refused
from portal.ui.requests import Request


@never_cache
@noted
@require_http_methods(["GET", "POST"])
def authorize(request: Request) -> HttpResponse:
    if request.method == "POST":
        return _decide(request)
    visit = visit_of(request)
    outer, client = Parameters({}), None
    try:
        outer = read_parameters(request.META.get("QUERY_STRING", ""))
        client = asking.client_of(outer)
        question = _question(client, outer, visit)
    except OAuthError as error:
        return unasked.stopped(request, error, outer, client)
    return visit.kept_by(_respond(request, question))


@dataclass(frozen=True, slots=True)
class _Question:
    """A request of which nothing is certain yet but where its answer goes."""

    client: Client
    parameters: Parameters
    address: ReturnAddress
    pushed: PushedRequest | None
    visit: Visit

    @property
    def is_silent(self) -> bool:
        return self.parameters.get("prompt") == "none"


def _question(client: Client, outer: Parameters, visit: Visit) -> _Question:
    pushed = None
    parameters = asking.unwrapped(client, outer, at=timezone.now())
    if is_ours(request_uri := outer.once("request_uri")):
        pushed = find(client, request_uri, opened_at=visit.opened_at)
        # Whatever else stands in the address was not pushed (RFC 9101 §6.3).
        parameters = Parameters(pushed.parameters)
    address = asking.address_of(client, parameters)
    return _Question(client, parameters, address, pushed, visit)


def _respond(request: Request, question: _Question) -> HttpResponse:
    # A stranger's browser is not bounced on to the client before anybody has signed in.
    if not request.user.is_authenticated and not question.is_silent:
        return _sign_in(request, question)
    if question.pushed is not None and question.pushed.used_at is not None:
        return unasked.used_up(request, question.client, question.pushed)
    now = timezone.now()
    try:
        uses = uses_of(question.client, at=now)
        asked = asking.read_for(
            question.client,
            question.parameters,
            uses=uses,
            was_pushed=question.pushed is not None,
        )
        is_recent = asked.accepts_sign_in(
            signed_in_at(request), opened_at=question.visit.opened_at, at=now
        )
        if question.is_silent:
            raise _silent_refusal(request, asked, is_recent=is_recent)
    except OAuthError as error:
        return SeeOther(refusal_of(question.address, error), refusal=error)
    if not is_recent:
        return _sign_in(request, question)
    return _ask(request, question, asked, uses)


def _sign_in(request: Request, question: _Question) -> HttpResponse:
    """Send a stranger to the sign-in, and who has signed in to do so once more."""
    page = settings.LOGIN_URL
    if request.user.is_authenticated:
        page = resolve_url("account_reauthenticate")
    elif hint := question.parameters.get("login_hint"):
        request.session[LOGIN_HINT] = hint[:MAX_HINT_LENGTH]
    to = redirect_to_login(request.get_full_path(), page)
    return let_forms_lead_to(question.address.form_source, to)


def _ask(
    request: Request, question: _Question, asked: AuthorizationRequest, uses: tuple[Use, ...]
) -> HttpResponse:
    client = question.client
    customer = _customer_of(request)
    if customer is None or not customer.may_meet(client):
        context = {"client": client, "customer": customer}
        return render(request, "consent/oauth/not_for_you.html", context, status=403)
    if not _is_meant(customer, asked):
        return unasked.somebody_else(request, client, question.address)
    if not is_grant_of(customer, asked.wishes):
        error = InvalidGrantId("The grant is not of the customer who is signed in.")
        return SeeOther(refusal_of(asked.return_address, error), refusal=error)
    intent = intents.open_intent(customer, client, asked, uses=uses, pushed=question.pushed)
    if intent.decided_at is not None:
        return unasked.already_decided(request, intent.client)
    return _screen(request, intent, first_form(intent, kept.kept_for(request, intent)))


def _in_another_language(request: Request, language: str) -> HttpResponse:
    """Ask the same in other words; what was ticked stays ticked."""
    response = SeeOther(request.get_full_path())
    keep_language(request, response, language)
    kept.keep(request, response)
    return response


def _once_more(request: Request) -> HttpResponse:
    """Ask anew whom we no longer know, or who asks about an older screen; keep what they ticked."""
    response = SeeOther(request.get_full_path())
    if not request.user.is_authenticated:
        messages.info(request, _("Your session has ended. Sign in; what you ticked is kept."))
        kept.keep(request, response)
    return response


def _decide(request: Request) -> HttpResponse:
    if is_language(request.POST.get("language", "")):
        return _in_another_language(request, request.POST["language"])
    intent = _intent_of(request)
    if intent is None:
        return _once_more(request)
    form = DecisionForm(request.POST, notice=intent.notice)
    if form.is_valid():
        try:
            refusal = _refusal(intent, form.cleaned_data["decision"])
            return SeeOther(_take(request, intent, form.cleaned_data, form.picks), refusal=refusal)
        except intents.AlreadyDecided:
            return unasked.already_decided(request, intent.client)
        except Conflict as error:
            messages.warning(request, str(error))
            return SeeOther(request.get_full_path())
        except Refused as error:
            form.add_error(None, str(error))
    return _screen(request, intent, form)


def _refusal(intent: AuthorizationIntent, decision: str) -> OAuthError | None:
    """Return what the client's own log keeps of an answer that is no yes."""
    if decision == "deny":
        return AccessDenied("")
    return NotApprovedYet() if children.waits_for_another(intent.notice) else None


def _take(
    request: Request,
    intent: AuthorizationIntent,
    choices: dict[str, Any],
    picks: dict[str, list[str]],
) -> str:
    """Do what was decided and return where the browser goes next."""
    go_on_in(request, intent.notice.get("language", ""))
    if choices["decision"] == "deny":
        return deciding.deny_authorization(intent, by=request.actor)
    return deciding.approve_authorization(
        intent,
        by=request.actor,
        optional=choices["g"],
        period=choices["until"],
        resources=picks,
        locale=intent.notice.get("language", request.LANGUAGE_CODE),
        authenticated_at=signed_in_at(request),
        session=session_of(request),
    )


def _screen(request: Request, intent: AuthorizationIntent, form: DecisionForm) -> HttpResponse:
    source = AuthorizationRequest.from_json(intent.request).return_address.form_source
    context = {"intent": intent, "client": intent.client, "notice": intent.notice, "form": form}
    context |= shown_around(intent)
    context["pickers"] = labelled(form.pickers, intent.customer)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK

    # Browsers apply form-action to the redirect that follows, too: only this answer allows it.
    @csp_update({"form-action": [source]})
    def page(request: HttpRequest) -> HttpResponse:
        return render(request, "consent/oauth/consent.html", context, status=status)

    return cast("HttpResponse", page(request))


def _silent_refusal(
    request: Request, asked: AuthorizationRequest, *, is_recent: bool
) -> OAuthError:
    """Return why nothing can be granted without showing a page: a person always decides."""
    customer = _customer_of(request)
    if customer is not None and not _is_meant(customer, asked):
        return LoginRequired("Somebody else is signed in than id_token_hint names.")
    if request.user.is_authenticated and is_recent:
        return ConsentRequired("The customer has to be asked.")
    return LoginRequired("The customer has to sign in.")


def _is_meant(customer: Customer, asked: AuthorizationRequest) -> bool:
    return not asked.id_token_hint or id_tokens.names(customer, asked.id_token_hint)


def _customer_of(request: Request) -> Customer | None:
    found = Customer.objects.select_related("user")
    return found.filter(user_id=request.actor.person_id or 0).first()


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
