"""The endpoints that clients' programs call. Answers and errors have the form of their RFCs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from consent.oauth import actions, devices, foreign, pushed
from consent.oauth.authentication import authenticate, read_proof
from consent.oauth.callers import Caller
from consent.oauth.errors import BodyTooLarge
from consent.oauth.introspection import describe_token, find_token, known_by, sign_description
from consent.oauth.metadata import metadata
from consent.oauth.noting import take_note
from consent.oauth.parameters import Parameters, read_parameters
from consent.proofs.errors import InvalidClient, InvalidRequest, OAuthError
from consent.proofs.possession import certificate_in, fresh_nonce, holder_of, read_proofs

PLAIN, SIGNED = "application/json", "application/token-introspection+jwt"
MAX_BODY_BYTES = 32 * 1024
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
                caller = _caller_of(
                    request, parameters, takes_proof=takes_proof, reads_token=reads_token
                )
                response = answer(caller, parameters)
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


def _caller_of(
    request: HttpRequest, parameters: Parameters, *, takes_proof: bool, reads_token: bool
) -> Caller:
    certificate = certificate_in(request.headers) if settings.CLIENT_CERTIFICATE_HEADER else None
    proof = read_proof(
        request.META.get("HTTP_AUTHORIZATION", ""), parameters, certificate=certificate
    )
    at = timezone.now()
    token = find_token(parameters.get("token"), at=at) if reads_token else None
    client = authenticate(proof, at=at, known=known_by(token) if token else None)
    proofs = read_proofs(request.META.get("HTTP_DPOP")) if takes_proof else []
    holder = holder_of(proofs, method="POST", path=request.path)
    return Caller(
        client,
        replace(holder, x5t_s256=certificate.thumbprint if certificate else ""),
        wants_signature=reads_token and request.get_preferred_type([PLAIN, SIGNED]) == SIGNED,
        token=token,
    )


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
