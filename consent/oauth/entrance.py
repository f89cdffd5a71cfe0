"""Our own addresses that an access token opens: who may come in, and what a refusal says.

One home for userinfo and the grants: the same rules of possession as at the gateway.
"""

# ruff: noqa: TID251 - it is about requests and answers

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from consent.oauth.models import AccessToken
from consent.oauth.tokens import read_access_token
from consent.proofs.errors import OAuthError
from consent.proofs.possession import (
    CertificateMissing,
    ProofMissing,
    Shown,
    read_proofs,
    require_possession,
    thumbprint_in,
)
from consent.proofs.protocol.dpop import InvalidProof
from partners.applications.profiles import ALGORITHMS

METADATA_PATH = "/.well-known/oauth-protected-resource"
_SCHEMES = frozenset({"bearer", "dpop"})


class InvalidToken(OAuthError):
    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_token"


class NoToken(InvalidToken):
    """RFC 6750 §3.1: who shows nothing is told how, and no error."""


class InsufficientScope(OAuthError):
    """`needed` is the scope that the token lacks."""

    status = HTTPStatus.FORBIDDEN
    code = "insufficient_scope"

    def __init__(self, needed: str) -> None:
        super().__init__(f"The access token lacks {needed}.")
        self.needed = needed


def token_of(request: HttpRequest) -> AccessToken:
    """Return the live token in the header, shown by who holds its keys.

    Raises `InvalidToken`, `InvalidProof`, or `StoreAway` where a replay could not be ruled out.
    """
    shown = _shown(request)
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
    return token


def refusal(request: HttpRequest, error: OAuthError) -> HttpResponse:
    """Return the error as JSON, with the challenge of RFC 6750 §3 or RFC 9449 §7.1."""
    body = {"error": error.code, "error_description": str(error)}
    scheme, status = _shown(request).scheme, error.status
    if isinstance(error, InvalidProof):
        # At a resource a bad proof is a 401; of a missing one nobody is told more than that.
        status = HTTPStatus.UNAUTHORIZED
        scheme = scheme if isinstance(error, CertificateMissing) else "dpop"
        body["error"] = InvalidToken.code if isinstance(error, ProofMissing) else error.code
    response = JsonResponse(body, status=status)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        said = [] if isinstance(error, NoToken) else [f'error="{body["error"]}"']
        if isinstance(error, InsufficientScope):
            said.append(f'scope="{error.needed}"')
        response["WWW-Authenticate"] = _challenge(scheme, said)
    return response


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


def _challenge(scheme: str, said: list[str]) -> str:
    """Return the challenge of the scheme that was tried, or of both where none was."""
    shared = ['realm="meridian"', *said, f'resource_metadata="{settings.ISSUER}{METADATA_PATH}"']
    algorithms = " ".join(ALGORITHMS)
    bearer = f"Bearer {', '.join(shared)}"
    dpop = f'DPoP {", ".join(shared)}, algs="{algorithms}"'
    return {"dpop": dpop, "bearer": bearer}.get(scheme, f"{bearer}, {dpop}")
