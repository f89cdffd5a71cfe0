"""The pages that stand in place of the consent screen where there is nothing to decide."""

# ruff: noqa: TID251 - they are views, apart because none of them asks anything

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from consent.oauth.authorization import ReturnAddress
from consent.oauth.errors import (
    InvalidRequestUri,
    LoginRequired,
)
from consent.oauth.models import PushedRequest
from consent.oauth.parameters import Parameters
from consent.oauth.responses import refusal_of
from consent.proofs.errors import OAuthError
from partners.applications.models import Client
from portal.ui.requests import Request


def used_up(request: Request, client: Client, pushed: PushedRequest) -> HttpResponse:
    """Tell who decided that they did; to anybody else the request is none (RFC 9126 §4)."""
    person_id = request.actor.person_id or 0
    mine = pushed.intents.exclude(decided_at=None).filter(customer__user_id=person_id)
    if mine.exists():
        return already_decided(request, client)
    error = InvalidRequestUri("This request_uri was used already.")
    return stopped(request, error, Parameters({}), client)


def already_decided(request: Request, client: Client) -> HttpResponse:
    return render(request, "consent/oauth/decided.html", {"client": client}, status=409)


def stopped(
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


def somebody_else(request: Request, client: Client, address: ReturnAddress) -> HttpResponse:
    """Ask for whom `id_token_hint` names, or lead back (OpenID Connect Core §3.1.2.1)."""
    error = LoginRequired("Somebody else is signed in than id_token_hint names.")
    context = {"client": client, "back": refusal_of(address, error)}
    response = render(request, "consent/oauth/somebody_else.html", context, status=403)
    response["X-Portal-Reason"] = error.code
    return response
