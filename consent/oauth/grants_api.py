"""The grant management endpoint: a client asks what it may do, or gives it back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from consent.arrangements.models import Arrangement
from consent.oauth import entrance, foreign
from consent.oauth.ceiling import allowed_scopes
from consent.oauth.grants import NoSuchGrant, describe_grant, find_grant, revoke_grant
from consent.oauth.scopes import GRANT_QUERY, GRANT_REVOKE
from consent.proofs.errors import InvalidRequest, OAuthError

_SCOPES = {"GET": GRANT_QUERY, "DELETE": GRANT_REVOKE}


class WrongMethod(OAuthError):
    status = 405


@csrf_exempt
def grant(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    try:
        response = _answer(request, grant_id)
    except OAuthError as error:
        response = entrance.refusal(request, error)
        if isinstance(error, WrongMethod):
            response["Allow"] = ", ".join(_SCOPES)
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    needed = _SCOPES.get(str(request.method))
    if needed is None:
        raise WrongMethod("Send a GET or a DELETE.")
    if request.META.get("QUERY_STRING"):
        raise InvalidRequest("Nothing belongs in the address but the grant.")
    token = entrance.token_of(request)
    if needed not in allowed_scopes(token):
        raise entrance.InsufficientScope(needed)
    client = token.application
    found = find_grant(grant_id, client=client, at=timezone.now())
    if found is None:
        others = Arrangement.objects.filter(pk=grant_id).exclude(client=client)
        foreign.note_if_another_has(client, foreign.Kind.GRANT, str(grant_id), others)
        raise NoSuchGrant("There is no such grant of this client.")
    if request.method == "DELETE":
        revoke_grant(found, client=client)
        return HttpResponse(status=204)
    return JsonResponse(describe_grant(found))
