"""What a client's developers may read later about each of its requests, kept in Redis for a week.

Best effort: nothing is decided by these notes, and nothing waits or fails when Redis is away.
"""

# ruff: noqa: TID251 - it reads the request and the answer as they pass

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, wraps
from http import HTTPStatus
from operator import attrgetter
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import redis
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from redis.commands.core import Script

from consent.oauth.explanations import explained
from consent.oauth.redaction import is_client_id, masked, shown
from consent.proofs.store import store
from partners.applications.models import Client

MAX_NOTES = 200
# Anybody can name a client: what proves nothing is kept apart, and only so much of it.
MAX_UNPROVEN = 50
MAX_UNPROVEN_A_MINUTE = 30
KEPT = timedelta(days=7)
# Names that have neither proved anything nor been looked for may be nobody's.
MAX_OF_NOBODY_A_MINUTE = 300
KEPT_FOR_NOBODY = timedelta(hours=1)
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
_logger = logging.getLogger(__name__)
P = ParamSpec("P")
Req = TypeVar("Req", bound=HttpRequest)
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Note:
    """One request and what became of it; `error` is empty where it was answered."""

    at: str
    endpoint: str
    client_id: str
    status: int
    error: str
    description: str
    outcome: str
    parameters: Pairs
    request_id: str
    is_proven: bool

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def meaning(self) -> str:
        return explained(self.error)[0] if self.error else self.outcome

    @property
    def remedy(self) -> str:
        return explained(self.error)[1] if self.error else ""


def noted(
    view: Callable[Concatenate[Req, P], HttpResponse],
) -> Callable[Concatenate[Req, P], HttpResponse]:
    """Write down each request of the endpoint once it is answered."""

    @wraps(view)
    def answered(request: Req, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if (found := _read(request, response)) is not None:
            note(found)
        return response

    return answered


def note(found: Note) -> None:
    """Keep it, unless strangers named the client too often."""
    name, limit, kept = _name(found.client_id, is_proven=found.is_proven), MAX_NOTES, KEPT
    try:
        if not found.is_proven:
            limit = MAX_UNPROVEN
            is_known = store().exists(
                _name(found.client_id, is_proven=True), _mark(found.client_id)
            )
            if not is_known:
                kept = KEPT_FOR_NOBODY
            if not _may_note(found.client_id, is_known=bool(is_known)):
                return
        written = json.dumps(found.as_json())
        _keep(store())([name], [written, limit - 1, int(kept.total_seconds())])
    except redis.RedisError:
        _logger.warning("notes_away")


def notes_of(client: Client) -> list[Note] | None:
    """Return the client's notes, newest first; None while nobody can read them."""
    client_id = str(client.client_id)
    try:
        store().set(_mark(client_id), 1, ex=KEPT)
        store().expire(_name(client_id, is_proven=False), KEPT)
        kept = [
            Note(**json.loads(raw))
            for is_proven in (True, False)
            for raw in cast(
                "list[bytes]", store().lrange(_name(client_id, is_proven=is_proven), 0, -1)
            )
        ]
    except redis.RedisError:
        _logger.warning("notes_away")
        return None
    return sorted(kept, key=attrgetter("at"), reverse=True)


def _read(request: HttpRequest, response: HttpResponse) -> Note | None:
    endpoint = request.path.removeprefix("/oauth/").partition("/")[0]
    error, description, outcome = _outcome(endpoint, response)
    pairs = _pairs(request, endpoint)
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
        description=masked(description, pairs),
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
    scheme = request.headers.get("Authorization", "").partition(" ")[0].lower()
    found = [("Authorization header", scheme)] if scheme in _SCHEMES else []
    return [*found, *([("DPoP header", "sent, not kept")] if "DPoP" in request.headers else [])]


def _client_id(request: HttpRequest, pairs: Pairs) -> str:
    """Return the client that the request says it comes from; nothing here is believed."""
    given = dict(reversed(pairs))
    if given.get("client_id"):
        return given["client_id"]
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
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


def _may_note(client_id: str, *, is_known: bool) -> bool:
    """Take a turn of those that strangers have in a minute, to name this client or any other.

    Nobody asks the database whether the client exists: a wrong name costs what a wrong secret does.
    """
    if not _has_turn(client_id, limit=MAX_UNPROVEN_A_MINUTE):
        return False
    return is_known or _has_turn("", limit=MAX_OF_NOBODY_A_MINUTE)


def _has_turn(client_id: str, *, limit: int) -> bool:
    name = f"notes-turns:{client_id}"
    with store().pipeline() as both:
        both.set(name, 0, nx=True, ex=60)
        both.incr(name)
        _, turn = both.execute()
    return int(turn) <= limit


@cache
def _keep(client: redis.Redis) -> Script:
    """Return what puts a note before the others, all in one command."""
    return client.register_script(
        "redis.call('LPUSH', KEYS[1], ARGV[1])"
        " redis.call('LTRIM', KEYS[1], 0, ARGV[2])"
        " redis.call('EXPIRE', KEYS[1], ARGV[3])"
    )


def _name(client_id: str, *, is_proven: bool) -> str:
    return f"notes:{client_id}:{'proven' if is_proven else 'unproven'}"


def _mark(client_id: str) -> str:
    """Name the sign that somebody of the client's own people reads its notes."""
    return f"notes-read:{client_id}"
