"""Whom an access token speaks of (OpenID Connect Core §5.3): a name for this application, no more.

Everything else about a customer is data, and goes through consent and the gateway.
"""

# ruff: noqa: TID251 - these are endpoints, apart because tokens open them and not clients

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from consent.oauth import entrance, openid
from consent.oauth.access_tokens import subject_of
from consent.oauth.metadata import protected_resource
from consent.proofs.errors import OAuthError


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    try:
        response = _answer(request)
    except OAuthError as error:
        response = entrance.refusal(request, error)
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


def _answer(request: HttpRequest) -> HttpResponse:
    token = entrance.token_of(request)
    # It opens no cluster, so nobody can have switched it off.
    if openid.SCOPE not in token.scope.split():
        raise entrance.InsufficientScope(openid.SCOPE)
    return JsonResponse({"sub": subject_of(token)})


@require_GET
@cache_control(public=True, max_age=3600)
def resource_metadata(_request: HttpRequest, path: str = "") -> HttpResponse:
    """Describe the portal, or its gateway where that is one of the portal's own addresses.

    The address asked for has the resource's own path behind it (RFC 9728 §3.1).
    """
    resource = f"{settings.ISSUER}/{path}" if path else settings.ISSUER
    if resource not in {settings.ISSUER, settings.GATEWAY_URL}:
        return JsonResponse({"error": "not_found"}, status=HTTPStatus.NOT_FOUND)
    headers = {"Access-Control-Allow-Origin": "*"}
    return JsonResponse(protected_resource(resource), headers=headers)
