"""The endpoints that clients' programs call. Answers and errors have the form of their RFCs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from consent.oauth import actions, devices, foreign, pushed
from consent.oauth.callers import Caller
from consent.oauth.errors import BodyTooLarge
from consent.oauth.introspection import describe_token, sign_description
from consent.oauth.metadata import metadata
from consent.oauth.noting import take_note
from consent.oauth.parameters import Parameters, read_parameters
from consent.oauth.senders import PLAIN, SIGNED, Sender
from consent.oauth.standing import Changed, forget
from consent.proofs.errors import InvalidClient, InvalidRequest, OAuthError
from consent.proofs.possession import fresh_nonce

MAX_BODY_BYTES = 32 * 1024
# What the same clients ask over and over, and nothing of which happens before it is confirmed.
_REPEATED = frozenset({"authorization_code", "client_credentials", "refresh_token"})
Endpoint = Callable[[Caller, Parameters], HttpResponse]


def endpoint(
    *, takes_proof: bool = False, reads_token: bool = False
) -> Callable[[Endpoint], Callable[[HttpRequest], HttpResponse]]:
    """Take a form-encoded POST of an authenticated client; never let the answer be stored.

    Where it `takes_proof`, a DPoP proof binds what is issued to its key. Where it `reads_token`,
    the token that is asked about is read first, its client with it: mostly that is who asks.
    """

    def wrap(answer: Endpoint) -> Callable[[HttpRequest], HttpResponse]:
        @csrf_exempt
        @wraps(answer)
        def view(request: HttpRequest) -> HttpResponse:
            parameters = None
            try:
                parameters = _read_form(request)
                sender = Sender(request, parameters, takes_proof=takes_proof)
                if reads_token:
                    response = answer(sender.caller_of_token(), parameters)
                elif parameters.get("grant_type") in _REPEATED:
                    response = _answered_again(answer, sender, parameters)
                else:
                    response = answer(sender.caller(), parameters)
            except OAuthError as error:
                response = _error_response(error)
            response["Cache-Control"] = "no-store"
            response["Pragma"] = "no-cache"
            if takes_proof and "HTTP_DPOP" in request.META:
                response["DPoP-Nonce"] = fresh_nonce()
            take_note(request, response, read=parameters)
            return response

        return view

    return wrap


def _answered_again(answer: Endpoint, sender: Sender, parameters: Parameters) -> HttpResponse:
    """Answer by what is remembered of the client, if that is confirmed, or else by reading it."""
    standing = sender.remembered()
    if standing is not None:
        try:
            response = answer(sender.caller(standing), parameters)
        except (OAuthError, Changed):
            if standing.is_confirmed:
                raise
        else:
            if standing.is_confirmed:
                return response
        forget(str(standing.client.client_id))
    return answer(sender.caller(), parameters)


@endpoint(takes_proof=True)
def par(caller: Caller, parameters: Parameters) -> HttpResponse:
    request_uri = pushed.push(caller, parameters)
    lifetime = int(pushed.LIFETIME.total_seconds())
    return JsonResponse({"request_uri": request_uri, "expires_in": lifetime}, status=201)


@endpoint(takes_proof=True)
def token(caller: Caller, parameters: Parameters) -> HttpResponse:
    status, body = actions.answer_token_request(caller, parameters)
    return HttpResponse(body, status=status, content_type=PLAIN)


@endpoint(takes_proof=True)
def device_authorization(caller: Caller, parameters: Parameters) -> HttpResponse:
    return JsonResponse(devices.begin(caller, parameters, at=timezone.now()))


@endpoint(reads_token=True)
def introspect(caller: Caller, parameters: Parameters) -> HttpResponse:
    _required(parameters, "token")
    at = timezone.now()
    described = describe_token(caller.token, to=caller.client, at=at)
    if caller.token is not None and caller.token.application_id != caller.client.pk:
        foreign.note(caller.client.client_id, foreign.Kind.TOKEN, parameters.get("token"))
    if not caller.wants_signature:
        return JsonResponse(described)
    return HttpResponse(sign_description(described, to=caller.client, at=at), content_type=SIGNED)


@endpoint()
def revoke(caller: Caller, parameters: Parameters) -> HttpResponse:
    actions.revoke_token(caller.client, _required(parameters, "token"))
    return HttpResponse()


@require_GET
@cache_control(public=True, max_age=3600)
def authorization_server(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(metadata(), headers={"Access-Control-Allow-Origin": "*"})


def _read_form(request: HttpRequest) -> Parameters:
    if request.method != "POST":
        raise NotPosted("Send a POST.")
    if request.META.get("QUERY_STRING"):
        raise InvalidRequest("Parameters belong in the body, never in the address.")
    if request.content_type != "application/x-www-form-urlencoded":
        raise InvalidRequest("The body must be application/x-www-form-urlencoded.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes.")
    parameters = read_parameters(request.body.decode("latin-1"))
    parameters.require_single()
    return parameters


def _required(parameters: Parameters, name: str) -> str:
    if not parameters.get(name):
        raise InvalidRequest(f"{name} is missing.")
    return parameters.get(name)


class NotPosted(OAuthError):
    status = 405


def _error_response(error: OAuthError) -> HttpResponse:
    body = {"error": error.code, "error_description": str(error)}
    response = JsonResponse(body, status=error.status)
    if isinstance(error, InvalidClient) and error.challenge:
        response["WWW-Authenticate"] = error.challenge
    if isinstance(error, NotPosted):
        response["Allow"] = "POST"
    return response
