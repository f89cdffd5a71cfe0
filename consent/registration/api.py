"""The endpoints by which programs register clients and manage them (RFC 7591 §3, RFC 7592 §2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from consent.oauth.devices import GRANT_TYPE as DEVICE_CODE
from consent.oauth.noting import noted
from consent.oauth.validator import GRANT_TYPES
from consent.registration import actions
from consent.registration.actions import Registered
from consent.registration.description import MAX_BYTES, read_description, read_object
from consent.registration.errors import (
    BodyTooLarge,
    InvalidClientMetadata,
    InvalidToken,
    RegistrationRefused,
)
from partners.applications.credentials import client_with_secret

P = ParamSpec("P")
Endpoint = Callable[Concatenate[HttpRequest, str, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def endpoint(*methods: str) -> Callable[[Endpoint[P]], View[P]]:
    """Take requests with a bearer token in the header; never let the answer be stored."""

    def wrap(answer: Endpoint[P]) -> View[P]:
        @csrf_exempt
        @noted
        @wraps(answer)
        def view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                if request.method not in methods:
                    response = _error("invalid_request", f"Send {' or '.join(methods)}.", 405)
                    response["Allow"] = ", ".join(methods)
                else:
                    response = answer(request, _bearer(request), *args, **kwargs)
            except RegistrationRefused as error:
                response = _error(error.code, str(error), error.status)
            response["Cache-Control"] = "no-store"
            response["Pragma"] = "no-cache"
            return response

        return view

    return wrap


@endpoint("POST")
def register(request: HttpRequest, raw: str) -> HttpResponse:
    said = read_description(read_object(_body(request)))
    return JsonResponse(_told(actions.register(raw, said)), status=201)


@endpoint("GET", "PUT", "DELETE")
def client(request: HttpRequest, raw: str, client_id: str) -> HttpResponse:
    found = actions.find(client_id, raw)
    if request.method == "DELETE":
        actions.remove(found)
        return HttpResponse(status=204)
    if request.method == "PUT":
        said = read_object(_body(request))
        _require_same_client(said, found)
        found = actions.replace(found, read_description(said))
    return JsonResponse(_told(found))


@sensitive_variables("secret")
def _require_same_client(said: dict[str, Any], found: Registered) -> None:
    """Refuse a change of what only we give out (RFC 7592 §2.2)."""
    client_id = str(found.client.client_id)
    if said.get("client_id") != client_id:
        raise InvalidClientMetadata("client_id must be there, and the one in the address.")
    secret = said.get("client_secret")
    if secret is None:
        return
    if not isinstance(secret, str) or not client_with_secret(client_id, secret, at=timezone.now()):
        raise InvalidClientMetadata("client_secret is not this client's.")


def _told(registered: Registered) -> dict[str, Any]:
    """Return the client information response (RFC 7591 §3.2.1): what counts, whatever was asked."""
    found = registered.client
    path = reverse("registration:client", args=[found.client_id])
    told = {
        "client_id": found.client_id,
        "client_id_issued_at": int(registered.registration.registered_at.timestamp()),
        "registration_access_token": registered.managing_token,
        "registration_client_uri": f"{settings.ISSUER}{path}",
        "client_name": found.application.name,
        "redirect_uris": found.redirect_uris.split(),
        "grant_types": [
            name for name in GRANT_TYPES if name != DEVICE_CODE or found.requirements.device_codes
        ],
        "response_types": ["code"],
        "token_endpoint_auth_method": found.token_endpoint_auth_method,
        "dpop_bound_access_tokens": found.dpop_bound_access_tokens,
        "scope": " ".join(actions.scopes_of(found)),
        "id_token_signed_response_alg": found.id_token_signed_response_alg,
    }
    if registered.secret:
        told |= {"client_secret": registered.secret, "client_secret_expires_at": 0}
    optional = {
        "jwks": found.client_jwks,
        "jwks_uri": found.client_jwks_uri,
        "tls_client_auth_subject_dn": found.tls_client_auth_subject_dn,
        "client_uri": found.application.homepage_url,
        "policy_uri": found.application.privacy_url,
        "post_logout_redirect_uris": found.post_logout_redirect_uris.split(),
        "backchannel_logout_uri": found.backchannel_logout_uri,
        "authorization_details_types": found.authorization_details_types,
    }
    return told | {name: value for name, value in optional.items() if value}


def _bearer(request: HttpRequest) -> str:
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not raw.strip():
        raise InvalidToken("Send the token as Authorization: Bearer.")
    return raw.strip()


def _body(request: HttpRequest) -> bytes:
    if request.content_type != "application/json":
        raise InvalidClientMetadata("The body must be application/json.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BYTES:
        raise BodyTooLarge(f"The body is larger than {MAX_BYTES} bytes.")
    return request.body


def _error(code: str, words: str, status: int) -> HttpResponse:
    response = JsonResponse({"error": code, "error_description": words}, status=status)
    if status == InvalidToken.status:
        response["WWW-Authenticate"] = f'Bearer realm="Meridian", error="{code}"'
    return response
