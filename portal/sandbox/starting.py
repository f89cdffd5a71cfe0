"""The first minutes of a partner: what is made for them, and the one call that shows it works."""

# ruff: noqa: TID251 - it is about requests and their sessions

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from consent.gateway.answers import answer
from consent.gateway.calls import Call
from consent.gateway.decision import Reason
from consent.gateway.wording import TITLES
from consent.oauth.actions import answer_token_request
from consent.oauth.callers import Caller
from consent.oauth.parameters import Parameters
from consent.proofs.errors import OAuthError
from partners.applications.credentials import client_with_secret
from partners.applications.first_call import open_operation
from partners.applications.models import Client
from partners.joining.actions import start_in_sandbox
from partners.organizations.actors import actor_of
from portal import secrets
from portal.accounts.landing import landed_at
from portal.accounts.models import User
from portal.sandbox.replies import reply_to
from portal.sandbox.requests import SandboxRequest

_KEY = "first_key"
_SHOWN = 1_500


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, as a person reads them: without the token's own characters."""

    title: str
    request: str
    status: int
    body: str

    @property
    def is_fine(self) -> bool:
        return 200 <= self.status < 300


def begin(request: HttpRequest, user: User) -> None:
    """Make everything that a first call needs; the key waits sealed for the page that shows it."""
    started = start_in_sandbox(user, by=actor_of(user), landed_at=landed_at(user))
    client_id = started.start.client.client_id
    request.session[_KEY] = secrets.seal(started.key, context=_context(client_id))


def key_of(request: HttpRequest, client: Client) -> str:
    """Return the key of that client while this session still has it to show."""
    try:
        return secrets.unseal(request.session[_KEY], context=_context(client.client_id))
    except (KeyError, secrets.Unreadable):
        return ""


def let_go_of_key(request: HttpRequest) -> None:
    request.session.pop(_KEY, None)


def first_call(client: Client, key: str, *, at: datetime) -> tuple[Exchange, ...]:
    """Do what the client's own program would: prove who it is, get a token, and call with it.

    Nothing is taken for granted on the way: the key, the token and the call are looked at as those
    of any program are.
    """
    operation = open_operation(client)
    known = client_with_secret(client.client_id, key, at=at)
    if operation is None or known is None:
        return ()
    scope = " ".join(operation.scopes)
    form = {"grant_type": "client_credentials", "scope": scope}
    try:
        status, said = answer_token_request(Caller(known), Parameters(form))
    except OAuthError as error:
        return (_asked_token(client, scope, error.status, {"error": error.code}),)
    token = json.loads(said)
    exchange = _asked_token(client, scope, status, token)
    if not exchange.is_fine:
        return (exchange,)
    version = operation.version
    target = f"/{version.api.slug}/{version.label}{operation.path}"
    return exchange, _called(target, token["access_token"], at=at)


def _asked_token(client: Client, scope: str, status: int, said: dict[str, Any]) -> Exchange:
    shown = {
        name: f"{value[:4]}…" if name == "access_token" else value for name, value in said.items()
    }
    request = (
        f"POST /oauth/token\nAuthorization: Basic {client.client_id}:…\n\n"
        f"grant_type=client_credentials&scope={scope}"
    )
    return Exchange("Ask for a token", request, status, _pretty(shown))


def _called(target: str, token: str, *, at: datetime) -> Exchange:
    call = Call.read(method="GET", target=target, authorization=[f"Bearer {token}"])
    said = answer(call, at=at)
    if said.reason is Reason.ALLOWED:
        _, api_slug, _, rest = target.split("/", 3)
        made = reply_to(api_slug, SandboxRequest("GET", f"/{rest}", {}, b"", said))
        status, body = made.status, made.body
    else:
        status, body = said.reason.status, {"code": said.reason, "title": TITLES[said.reason]}
    request = f"GET /sandbox{target}\nAuthorization: Bearer {token[:4]}…"
    return Exchange("Call the API", request, status, _pretty(body))


def _pretty(body: Any) -> str:
    text = json.dumps(body, indent=2, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\n…"


def _context(client_id: str) -> str:
    return f"session:{client_id}:first_key"
