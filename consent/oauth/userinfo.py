"""Whom an access token speaks of (OpenID Connect Core §5.3): a name for this application, no more.

Everything else about a customer is data, and goes through consent and the gateway.
"""

# ruff: noqa: TID251 - these are endpoints, apart because tokens open them and not clients

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from consent.oauth import openid
from consent.oauth.access_tokens import subject_of
from consent.oauth.errors import OAuthError
from consent.oauth.metadata import protected_resource
from consent.oauth.models import AccessToken
from consent.oauth.possession import (
    ProofMissing,
    Shown,
    read_proofs,
    require_possession,
    thumbprint_in,
)
from consent.oauth.protocol.dpop import InvalidProof
from consent.oauth.tokens import read_access_token
from partners.applications.profiles import ALGORITHMS

RESOURCE_PATH = "/.well-known/oauth-protected-resource"
_SCHEMES = frozenset({"bearer", "dpop"})


class InvalidToken(OAuthError):
    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_token"


class NoToken(InvalidToken):
    """RFC 6750 §3.1: who shows nothing is told how, and no error."""


class InsufficientScope(OAuthError):
    status = HTTPStatus.FORBIDDEN
    code = "insufficient_scope"


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    shown = _shown(request)
    try:
        token = _usable(shown)
        response: HttpResponse = JsonResponse({"sub": subject_of(token)})
    except OAuthError as error:
        response = _refusal(error, scheme=shown.scheme)
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response


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


def _shown(request: HttpRequest) -> Shown:
    """Return the token of the header: in an address or a body it would stay in places."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_known = scheme.lower() in _SCHEMES
    return Shown(
        scheme=scheme.lower() if is_known else "",
        token=token.strip() if is_known else "",
        method=request.method or "",
        url=f"{settings.ISSUER}{request.path}",
        proofs=read_proofs(request.headers.get("DPoP")),
        certificate=thumbprint_in(request.headers),
    )


def _usable(shown: Shown) -> AccessToken:
    if not shown.token:
        raise NoToken("Send an access token in the Authorization header.")
    now = timezone.now()
    token = read_access_token(shown.token)
    if token is None:
        raise InvalidToken("The access token is not one that counts.")
    require_possession(token, shown, at=now)
    if not token.is_live(at=now):
        raise InvalidToken("The access token is not one that counts.")
    if token.resource:
        raise InvalidToken("The access token is for other resource servers.")
    if openid.SCOPE not in token.scope.split():
        raise InsufficientScope("The access token was not issued for openid.")
    return token


def _refusal(error: OAuthError, *, scheme: str) -> HttpResponse:
    body = {"error": error.code, "error_description": str(error)}
    status = error.status
    if isinstance(error, InvalidProof):
        # At a resource a bad proof is a 401; of a missing one nobody is told more than that.
        scheme, status = "dpop", HTTPStatus.UNAUTHORIZED
        body["error"] = InvalidToken.code if isinstance(error, ProofMissing) else error.code
    response = JsonResponse(body, status=status)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        said = [] if isinstance(error, NoToken) else [f'error="{body["error"]}"']
        if isinstance(error, InsufficientScope):
            said.append(f'scope="{openid.SCOPE}"')
        response["WWW-Authenticate"] = _challenge(scheme, said)
    return response


def _challenge(scheme: str, said: list[str]) -> str:
    """Return the challenge of the scheme that was tried, or of both where none was.

    RFC 6750 §3, RFC 9449 §7.1, RFC 9728 §5.1.
    """
    shared = ['realm="meridian"', *said, f'resource_metadata="{settings.ISSUER}{RESOURCE_PATH}"']
    bearer = f"Bearer {', '.join(shared)}"
    algorithms = " ".join(ALGORITHMS)
    dpop = f'DPoP {", ".join(shared)}, algs="{algorithms}"'
    return {"dpop": dpop, "bearer": bearer}.get(scheme, f"{dpop}, {bearer}")
