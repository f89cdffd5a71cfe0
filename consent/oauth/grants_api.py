"""The grant management endpoint: a client asks what it may do, or gives it back."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from consent.oauth import replay
from consent.oauth.ceiling import allowed_scopes
from consent.oauth.errors import InvalidRequest, OAuthError
from consent.oauth.grants import NoSuchGrant, describe_grant, find_grant, revoke_grant
from consent.oauth.models import AccessToken
from consent.oauth.possession import read_proofs, thumbprint_in
from consent.oauth.protocol import dpop
from consent.oauth.scopes import GRANT_QUERY, GRANT_REVOKE
from consent.oauth.tokens import read_access_token
from partners.applications.profiles import ALGORITHMS

_SCOPES = {"GET": GRANT_QUERY, "DELETE": GRANT_REVOKE}


class InvalidToken(OAuthError):
    status = 401
    code = "invalid_token"


class InsufficientScope(OAuthError):
    status = 403
    code = "insufficient_scope"


class WrongMethod(OAuthError):
    status = 405


@csrf_exempt
def grant(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    try:
        response = _answer(request, grant_id)
    except OAuthError as error:
        response = _refusal(error)
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    needed = _SCOPES.get(str(request.method))
    if needed is None:
        raise WrongMethod("Send a GET or a DELETE.")
    token = _token_of(request)
    if needed not in allowed_scopes(token):
        raise InsufficientScope(f"The token lacks {needed}.")
    client = token.application
    found = find_grant(grant_id, client=client, at=timezone.now())
    if found is None:
        raise NoSuchGrant("There is no such grant of this client.")
    if request.method == "DELETE":
        revoke_grant(found, client=client)
        return HttpResponse(status=204)
    return JsonResponse(describe_grant(found))


def _token_of(request: HttpRequest) -> AccessToken:
    """Return the live token in the header that was issued for this server (RFC 6750 §2.1)."""
    if request.META.get("QUERY_STRING"):
        raise InvalidRequest("Nothing belongs in the address but the grant.")
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    scheme, raw = scheme.lower(), raw.strip()
    token = read_access_token(raw) if scheme in {"bearer", "dpop"} else None
    if token is None or not token.is_live(at=timezone.now()) or token.resource:
        raise InvalidToken("Send an access token of this client.")
    if (scheme == "dpop") != bool(token.jkt) or token.x5t_s256 not in {
        "",
        thumbprint_in(request.headers),
    }:
        raise InvalidToken("This token is bound to a key that did not prove itself.")
    if token.jkt:
        _require_proof(request, raw, token.jkt)
    return token


def _require_proof(request: HttpRequest, raw: str, jkt: str) -> None:
    """Take one good proof for this token (RFC 9449 §7.1), which is used up by that."""
    proofs = read_proofs(request.headers.get("DPoP"))
    if not proofs:
        raise dpop.InvalidProof("Send a DPoP proof.")
    proof = dpop.verify(
        proofs,
        method=str(request.method),
        url=f"{settings.ISSUER}{request.path}",
        at=timezone.now(),
        access_token=raw,
        jkt=jkt,
    )
    try:
        replay.claim(replay.Kind.PROOF, proof.once, lifetime=dpop.MEMORY)
    except replay.Replayed as error:
        raise dpop.InvalidProof(str(error)) from error


def _refusal(error: OAuthError) -> HttpResponse:
    body = {"error": error.code, "error_description": str(error)}
    is_proof = isinstance(error, dpop.InvalidProof)
    response = JsonResponse(body, status=401 if is_proof else error.status)
    if isinstance(error, InvalidToken | InsufficientScope | dpop.InvalidProof):
        challenge = f'error="{error.code}"'
        response["WWW-Authenticate"] = (
            f'DPoP {challenge}, algs="{" ".join(ALGORITHMS)}"'
            if is_proof
            else f'Bearer realm="Meridian", {challenge}'
        )
    if isinstance(error, WrongMethod):
        response["Allow"] = ", ".join(_SCOPES)
    return response
