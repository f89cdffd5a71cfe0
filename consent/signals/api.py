"""The addresses at which a client's program asks for its news."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from consent.oauth import entrance
from consent.oauth.ceiling import allowed_scopes
from consent.oauth.scopes import GRANT_QUERY
from consent.proofs.errors import InvalidRequest, OAuthError
from consent.signals import actions
from consent.signals.requests import MAX_BYTES, read_page, read_poll
from consent.signals.tokens import news_of, token_of
from partners.applications.models import Client

Answer = Callable[[HttpRequest, Client], HttpResponse]
View = Callable[[HttpRequest], HttpResponse]


class WrongMethod(OAuthError):
    status = 405


class Outdated(OAuthError):
    status = 410
    code = actions.CursorTooOld.code


def asked_with(method: str) -> Callable[[Answer], View]:
    """Let in whoever shows a token of the client's own that may ask about grants."""

    def wrap(answer: Answer) -> View:
        @csrf_exempt
        @wraps(answer)
        def view(request: HttpRequest) -> HttpResponse:
            try:
                if request.method != method:
                    raise WrongMethod(f"Send a {method}.")
                response = answer(request, _client_of(request))
            except OAuthError as error:
                response = entrance.refusal(request, error)
                if isinstance(error, WrongMethod):
                    response["Allow"] = method
            response["Cache-Control"] = "no-store"
            return response

        return view

    return wrap


@asked_with("GET")
def news(request: HttpRequest, client: Client) -> HttpResponse:
    """Answer a page of news behind a cursor, and the cursor for the next page."""
    if any(len(request.GET.getlist(name)) > 1 for name in request.GET):
        raise InvalidRequest("Each parameter may be there only once.")
    after, limit = read_page(request.GET.dict())
    try:
        signals = actions.signals_after(client, after=after, limit=limit)
    except actions.CursorTooOld as error:
        raise Outdated(str(error)) from error
    return JsonResponse(
        {
            "events": [{"number": each.number, **news_of(each.event)} for each in signals],
            "next": str(signals[-1].number if signals else after),
            "more": len(signals) == limit,
        }
    )


@asked_with("POST")
def poll(request: HttpRequest, client: Client) -> HttpResponse:
    """Answer the oldest tokens that the client has not taken yet (RFC 8936).

    It answers at once, whatever `returnImmediately` says: a worker that waits serves nobody else.
    """
    asked = read_poll(request.read(MAX_BYTES + 1))
    actions.take_signals(client, has=asked.has, faults=asked.faults, at=timezone.now())
    signals, more = actions.unread_signals(client, limit=asked.limit)
    tokens = {
        str(each.event.public_id): token_of(each.event, to=[client.client_id]) for each in signals
    }
    return JsonResponse({"sets": tokens, "moreAvailable": more})


def _client_of(request: HttpRequest) -> Client:
    token = entrance.token_of(request)
    if GRANT_QUERY not in allowed_scopes(token):
        raise entrance.InsufficientScope(GRANT_QUERY)
    client: Client = token.application
    return client
