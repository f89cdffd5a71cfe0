"""One call to the sandbox on a partner's behalf, through the gateway's decision as any other."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlencode

import redis
from django.core.handlers.wsgi import WSGIRequest
from django.db.models import QuerySet
from django.utils import timezone

from catalog.apis.colours import coloured
from catalog.apis.models import Operation
from catalog.plans.models import Environment
from catalog.scopes.models import Scope
from consent.arrangements.models import Arrangement, Customer
from consent.gateway.decision import Reason
from consent.oauth.trial_tokens import trial_token
from consent.proofs.store import count_try
from partners.applications.models import Application, Client
from partners.subscriptions.access import uses_of
from portal.access.actors import Actor
from portal.access.permissions import Permission, allows, require
from portal.errors import TooMany
from portal.sandbox.trying.customers import last_arrangement
from portal.sandbox.views import respond

logger = logging.getLogger(__name__)
MAX_TRIES = 30
WINDOW = timedelta(minutes=1)
LONGEST_BODY = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What to fill into the operation: values of its path and its query by name, and a body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back; `reason` is the gateway's, whatever the API then said."""

    target: str
    status: HTTPStatus
    reason: Reason
    headers: tuple[tuple[str, str], ...]
    body: str
    milliseconds: int
    may_agree: bool
    may_stop: bool

    @property
    def tone(self) -> str:
        return "success" if self.status < HTTPStatus.BAD_REQUEST else "danger"


def clients_of(actor: Actor) -> QuerySet[Client]:
    """Return the sandbox clients that the actor may try calls with, by the application's name."""
    owners = [
        key for key in actor.memberships
        if allows(actor, Permission.TRY_SANDBOX, organization_id=key)
    ]  # fmt: skip
    found: QuerySet[Client] = Client.objects.filter(
        environment=Environment.SANDBOX, application__organization__in=owners
    )
    open_ = found.exclude(application__status=Application.Status.CLOSED)
    return open_.select_related("application__organization").order_by("application__name", "pk")


def needs_customer(operation: Operation) -> bool:
    return Scope.objects.filter(name__in=operation.scopes).exclude(cluster_code="").exists()


def try_operation(
    operation: Operation, asked: Asked, *, by: Actor, client: Client, customer: Customer | None
) -> Outcome:
    """Call the operation in the sandbox as that client, for that made-up customer if it needs one.

    The token lives for this call and never leaves the portal.
    """
    require(by, Permission.TRY_SANDBOX, organization_id=client.application.organization_id)
    _take_try(by)
    api, label = operation.version.api.slug, operation.version.label
    arrangement = last_arrangement(client, customer) if customer is not None else None
    rest = _filled(operation.path, asked.path).removeprefix("/")
    query = urlencode({name: value for name, value in asked.query.items() if value})
    path = f"/{api}/{label}/{rest}"
    scopes = {use.scope for use in uses_of(client, at=timezone.now())}
    known = Scope.objects.filter(name__in=scopes, api_slug=api).values_list("name", flat=True)
    begun = time.perf_counter()
    with trial_token(client, scopes=set(known), arrangement=arrangement) as token:
        request: Any = _request(operation.method, path, query, asked.body, token)
        said, response = respond(request, api, unquote(rest))
    return Outcome(
        target=f"{path}?{query}" if query else path,
        status=HTTPStatus(response.status_code),
        reason=said.reason,
        headers=tuple(response.items()),
        body=_shown(response.content, response.get("Content-Type", "")),
        milliseconds=round((time.perf_counter() - begun) * 1000),
        may_agree=customer is not None and not _is_running(arrangement),
        may_stop=customer is not None and _is_running(arrangement),
    )


def _is_running(arrangement: Arrangement | None) -> bool:
    return arrangement is not None and arrangement.is_running(at=timezone.now())


def _filled(path: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return path


def _request(method: str, path: str, query: str, body: str, token: str) -> WSGIRequest:
    """Return the call as a server would hand it over, with the token in its header alone."""
    content = body.encode() if method not in {"GET", "HEAD", "DELETE"} else b""
    return WSGIRequest(
        {
            "REQUEST_METHOD": method,
            # WSGI hands paths over decoded, as latin-1 (PEP 3333).
            "PATH_INFO": unquote(f"/sandbox{path}").encode().decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "sandbox",
            "SERVER_PORT": "443",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(content),
            "CONTENT_TYPE": "application/json" if content else "",
            "CONTENT_LENGTH": str(len(content)),
            "HTTP_ACCEPT": "application/json",
            "HTTP_AUTHORIZATION": f"Bearer {token}",
        }
    )


def _shown(content: bytes, kind: str) -> str:
    text = content.decode("utf-8", "replace")
    if "json" in kind:
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    if len(text) > LONGEST_BODY:
        text = f"{text[:LONGEST_BODY]}\n…"
    return coloured(text, "json") if "json" in kind else text


def _take_try(actor: Actor) -> None:
    """Count a try, or raise `TooMany`. While nobody counts, the sandbox's own limits hold."""
    try:
        tries = count_try(f"sandbox-tries:{actor.id}", within=WINDOW)
    except redis.RedisError:
        logger.warning("sandbox.tries_not_counted")
        return
    if tries > MAX_TRIES:
        raise TooMany("That were many calls at once. Wait a minute, then go on.")
