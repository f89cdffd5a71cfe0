"""What of a request and its answer goes into a note for the client's developers."""

# ruff: noqa: TID251 - it reads the request and the answer as they pass

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone

from consent.oauth import notes
from consent.oauth.notes import Note, Pairs
from consent.oauth.parameters import LISTS, Parameters
from consent.oauth.redaction import HIDDEN, is_client_id, masked, shown

MAX_BODY_BYTES = 32 * 1024
FORM = "application/x-www-form-urlencoded"
REGISTER = "register"
# Whoever is told one of these has proved to be the client first.
_AFTER_PROOF = frozenset(
    {
        "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
        "invalid_target", "invalid_authorization_details", "slow_down", "expired_token",
    }
)  # fmt: skip
_SCHEMES = frozenset({"basic", "bearer", "dpop"})
P = ParamSpec("P")
Req = TypeVar("Req", bound=HttpRequest)


def noted(
    view: Callable[Concatenate[Req, P], HttpResponse],
) -> Callable[Concatenate[Req, P], HttpResponse]:
    """Write down each request of the endpoint once it is answered."""

    @wraps(view)
    def answered(request: Req, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        take_note(request, response)
        return response

    return answered


def take_note(
    request: HttpRequest, response: HttpResponse, *, read: Parameters | None = None
) -> None:
    """Write down a request that was answered; `read` are its parameters, if they could be read."""
    # Several of the same name are one among those that were read.
    if read is None or not read.values.keys().isdisjoint(LISTS):
        found = _note(request, response, _pairs(request, _endpoint(request)))
    else:
        found = _note(request, response, list(read.values.items()))
    if found is not None:
        notes.note(found)


def _endpoint(request: HttpRequest) -> str:
    return request.path.removeprefix("/oauth/").partition("/")[0]


def _note(request: HttpRequest, response: HttpResponse, pairs: Pairs) -> Note | None:
    endpoint = _endpoint(request)
    error, description, outcome = _outcome(endpoint, response)
    client_id = (
        _registered(request, response) if endpoint == REGISTER else _client_id(request, pairs)
    )
    # A device that waits says so every few seconds: that would leave room for nothing else.
    if error == "authorization_pending":
        return None
    if not is_client_id(client_id) or not (error or outcome):
        return None
    return Note(
        at=timezone.now().isoformat(timespec="milliseconds"),
        endpoint=endpoint,
        client_id=client_id,
        status=response.status_code,
        error=error if error.replace("_", "").isalpha() else "",
        description=masked(description, pairs) if description else "",
        outcome=outcome,
        parameters=[*_headers(request), *shown(pairs)],
        request_id=request.META.get("HTTP_X_REQUEST_ID", ""),
        is_proven=_is_proven(endpoint, response.status_code, error),
    )


def _is_proven(endpoint: str, status: int, error: str) -> bool:
    """Whether the answer shows that the sender proved to be the client; a browser never does."""
    if endpoint == REGISTER:
        return status != HTTPStatus.UNAUTHORIZED
    return endpoint != "authorize" and (not error or error in _AFTER_PROOF)


def _outcome(endpoint: str, response: HttpResponse) -> tuple[str, str, str]:
    """Return error, its words, and what happened where there was none."""
    if endpoint == "authorize":
        return _outcome_of_page(response)
    if response.status_code < 400:
        return "", "", "Answered"
    try:
        body = json.loads(response.content)
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {}
    error, words = body.get("error", "server_error"), body.get("error_description", "")
    return str(error), str(words), ""


def _outcome_of_page(response: HttpResponse) -> tuple[str, str, str]:
    if response.status_code == 200:
        return "", "", "The customer is asked"
    if response.status_code == 403:
        return response.get("X-Portal-Reason", "not_a_customer"), "", ""
    if response.status_code >= 400:
        return response.get("X-Portal-Reason", ""), "", ""
    # A signed answer hides it from everybody but its client, and from us here too.
    refusal = getattr(response, "refusal", None)
    if refusal is not None:
        return refusal.code, str(refusal), ""
    address = response.get("Location", "")
    answer = dict(parse_qsl(urlsplit(address).query)) if "://" in address else {}
    has_answer = "code" in answer or "response" in answer
    return "", "", "The customer came back with our answer" if has_answer else ""


def _pairs(request: HttpRequest, endpoint: str) -> Pairs:
    """Return what was sent, read as kindly as can be: it is not acted on."""
    if endpoint == REGISTER:
        return _members(request)
    raw = request.META.get("QUERY_STRING", "") if endpoint == "authorize" else _body(request)
    try:
        return parse_qsl(raw, max_num_fields=60)
    except ValueError:
        return []


def _members(request: HttpRequest) -> Pairs:
    """Return the members of a client's description, each with its texts."""
    try:
        said = json.loads(_body(request, kind="application/json"))
    except (ValueError, RecursionError):
        return []
    return [(name, str(value)) for name, value in said.items()] if isinstance(said, dict) else []


def _body(request: HttpRequest, *, kind: str = FORM) -> str:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if request.content_type != kind or not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        return ""
    try:
        return request.body.decode("latin-1")
    except (RequestDataTooBig, UnreadablePostError):
        return ""


def _headers(request: HttpRequest) -> Pairs:
    scheme = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")[0].lower()
    found = [("Authorization header", scheme)] if scheme in _SCHEMES else []
    return [*found, *([("DPoP header", HIDDEN)] if "HTTP_DPOP" in request.META else [])]


def _client_id(request: HttpRequest, pairs: Pairs) -> str:
    """Return the client that the request says it comes from; nothing here is believed."""
    given = dict(reversed(pairs))
    if given.get("client_id"):
        return given["client_id"]
    scheme, _, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        if scheme.lower() == "basic":
            pair = base64.b64decode(rest.strip()[:1024], validate=True).decode()
            return unquote_plus(pair.partition(":")[0])
        claims: Any = json.loads(_decoded(given.get("client_assertion", "").split(".")[1]))
        return str(claims["sub"])
    except (binascii.Error, ValueError, LookupError, TypeError, RecursionError):
        return ""


def _registered(request: HttpRequest, response: HttpResponse) -> str:
    """Return the client in the address or, where it has just got its name, in the answer."""
    named = request.path.removeprefix(f"/oauth/{REGISTER}").strip("/")
    if named or response.status_code != HTTPStatus.CREATED:
        return named
    return str(json.loads(response.content)["client_id"])


def _decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
