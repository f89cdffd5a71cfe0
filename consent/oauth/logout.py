"""Sign-out that an application asks for (OpenID Connect RP-Initiated Logout 1.0)."""

# ruff: noqa: TID251 - these are views, apart because they are about leaving and not about asking

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from csp.decorators import csp_update
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from consent.oauth import id_tokens
from consent.oauth.authentication import find_client
from consent.oauth.authorization import MAX_STATE_BYTES, ReturnAddress
from consent.oauth.errors import InvalidRedirectUri, UnknownClient
from consent.oauth.models import SignIn
from consent.oauth.parameters import Parameters, read_parameters
from consent.oauth.redirects import SeeOther
from consent.proofs.errors import InvalidRequest, OAuthError
from partners.applications.models import Client
from portal.accounts.sessions import session_of
from portal.ui.requests import Request

_SALT = "consent.oauth.logout"
_OPEN_SECONDS = 30 * 60


@dataclass(frozen=True, slots=True)
class _Leaving:
    """Who asks, which sign-in it names, and where the browser may go afterwards."""

    client: Client | None = None
    sid: str = ""
    to: ReturnAddress | None = None


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def logout(request: Request) -> HttpResponse:
    """Sign out who comes with an id token of this very session; ask everybody else first."""
    raw = request.body.decode("latin-1") if request.method == "POST" else _query(request)
    try:
        parameters = read_parameters(raw)
        leaving = _read(parameters)
    except OAuthError as error:
        return _stopped(request, error)
    if request.method == "POST":
        # Another site's form brings no session along (SameSite=Lax); the GET that follows does.
        return SeeOther(f"{request.path}?{urlencode(dict(parameters.values))}")
    if not request.user.is_authenticated:
        return _leave(request, leaving.to)
    if leaving.sid and _is_of_this_session(request, leaving.sid):
        get_adapter().logout(request)
        return _leave(request, leaving.to)
    return _confirmation(request, leaving)


@never_cache
@require_POST
def confirm(request: Request) -> HttpResponse:
    """Sign out whoever answered our page; where it leads was checked when the page was made."""
    try:
        kept = signing.loads(request.POST.get("leaving", ""), salt=_SALT, max_age=_OPEN_SECONDS)
    except signing.BadSignature:
        kept = {}
    if request.user.is_authenticated:
        get_adapter().logout(request)
    return _leave(request, ReturnAddress(**kept) if kept else None)


def _read(parameters: Parameters) -> _Leaving:
    """Return what is asked for; raise, for our own page, what its developers have to mend."""
    parameters.require_single()
    raw = parameters.get("id_token_hint")
    hint = id_tokens.read_hint(raw) if raw else None
    if raw and hint is None:
        raise InvalidRequest("id_token_hint is no id token of ours.")
    client_id = parameters.get("client_id") or (hint["aud"] if hint else "")
    if hint and client_id != hint["aud"]:
        raise InvalidRequest("client_id and id_token_hint name two clients.")
    client = find_client(client_id) if client_id else None
    if client_id and client is None:
        raise UnknownClient("There is no client with this client_id.")
    return _Leaving(client, hint["sid"] if hint else "", _address(client, parameters))


def _address(client: Client | None, parameters: Parameters) -> ReturnAddress | None:
    uri, state = parameters.get("post_logout_redirect_uri"), parameters.get("state")
    if len(state.encode()) > MAX_STATE_BYTES:
        raise InvalidRequest(f"state is longer than {MAX_STATE_BYTES} bytes.")
    if not uri:
        return None
    if client is None:
        raise InvalidRequest("Say whose address that is: send id_token_hint or client_id.")
    if uri not in client.post_logout_redirect_uris.split():
        raise InvalidRedirectUri("post_logout_redirect_uri is not one of the registered ones.")
    return ReturnAddress(uri, state) if client.is_live else None


def _is_of_this_session(request: Request, sid: str) -> bool:
    session = session_of(request).name
    mine = SignIn.objects.running().filter(sid=sid, session=session)
    return bool(mine.filter(customer__user_id=request.actor.person_id or 0).exists())


def _leave(request: HttpRequest, to: ReturnAddress | None) -> HttpResponse:
    if to is None:
        return render(request, "consent/oauth/signed_out.html")
    return SeeOther(to.carry(**({"state": to.state} if to.state else {})))


def _confirmation(request: Request, leaving: _Leaving) -> HttpResponse:
    to = leaving.to
    kept = {"redirect_uri": to.redirect_uri, "state": to.state} if to else {}
    context = {"client": leaving.client, "leaving": signing.dumps(kept, salt=_SALT)}

    # Browsers apply form-action to the redirect that follows, too.
    @csp_update({"form-action": [to.form_source] if to else []})
    def page(request: HttpRequest) -> HttpResponse:
        return render(request, "consent/oauth/sign_out.html", context)

    return cast("HttpResponse", page(request))


def _stopped(request: HttpRequest, error: OAuthError) -> HttpResponse:
    context = {"error": error, "now": timezone.now()}
    return render(
        request, "consent/oauth/not_signed_out.html", context, status=HTTPStatus.BAD_REQUEST
    )


def _query(request: HttpRequest) -> str:
    return str(request.META.get("QUERY_STRING", ""))
