"""News as Security Event Tokens (RFC 8417): what a webhook says, signed by the issuer itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from consent.arrangements.events import ArrangementEvent
from consent.keys import jws
from partners.webhooks.envelope import body_of
from portal.events.models import Event

TYPE = "secevent+jwt"
ALGORITHM = "ES256"
# Shared Signals Framework 1.0 §8.1.4: proves that the way works, and says nothing else.
VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification"
# Who ended it, in the words of CAEP 1.0 §2: the clock is our policy, an application a system.
_INITIATORS: Mapping[str, str] = {
    ArrangementEvent.EXPIRED: "policy",
    ArrangementEvent.RECONSENT_REQUIRED: "policy",
    ArrangementEvent.INVALIDATED: "admin",
}


def news_of(event: Event) -> dict[str, Any]:
    """Return `type`, `timestamp` and `data` as a webhook has them, and the event's `id`."""
    body: dict[str, Any] = json.loads(body_of(event))
    return {"id": str(event.public_id), **body}


def token_of(event: Event, *, to: Sequence[str]) -> str:
    """Return the signed token for the clients of these ids.

    There is no `exp` (RFC 8417 §4.5 keeps it from being taken for another kind of JWT) and no `sub`
    (§4.6): who it is about stands in `sub_id` (RFC 9493), by the name that only they know.
    """
    news = news_of(event)
    data = news["data"]
    claims: dict[str, Any] = {
        "iss": settings.ISSUER,
        "aud": to[0] if len(to) == 1 else list(to),
        "iat": int(timezone.now().timestamp()),
        "jti": news["id"],
        "toe": int(event.recorded_at.timestamp()),
    }
    if subject := _subject(data):
        claims["sub_id"] = subject
    claims["events"] = {type_of(event): {} if is_trial(event) else _told(event, data)}
    return jws.sign(claims, typ=TYPE, algorithm=ALGORITHM)


def type_of(event: Event) -> str:
    """Return the name of the event's type, a URI below the issuer or the framework's own."""
    return VERIFICATION if is_trial(event) else f"{settings.ISSUER}/events/{event.kind}"


def is_trial(event: Event) -> bool:
    return event.kind.startswith("partners.webhook.")


def _subject(data: dict[str, Any]) -> dict[str, str]:
    if "sub" in data:
        return {"format": "iss_sub", "iss": settings.ISSUER, "sub": data["sub"]}
    if "grant_id" in data:
        return {"format": "opaque", "id": data["grant_id"]}
    return {}


def _told(event: Event, data: dict[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in data.items() if key not in {"sub", "occurred_at"}}
    return {
        **told,
        "event_timestamp": int(event.recorded_at.timestamp()),
        "initiating_entity": _initiator(event),
    }


def _initiator(event: Event) -> str:
    if event.kind in _INITIATORS:
        return _INITIATORS[event.kind]
    if event.kind == ArrangementEvent.REVOKED and not event.actor.startswith("client:"):
        return "admin"
    return "user" if event.actor.startswith("user:") else "system"
