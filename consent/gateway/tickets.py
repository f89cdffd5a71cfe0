"""A signed note from the decision to the API behind the gateway: who calls, and for what.

The sandbox trusts nothing else: without a valid ticket it asks for the decision itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing

from consent.gateway.answers import Answer
from consent.gateway.decision import Reason

_SALT = "consent.gateway.ticket"
_SECONDS = 30


def write(answer: Answer, *, method: str, target: str) -> str:
    """Return the ticket for this one request."""
    claims = {
        "m": method,
        "t": target,
        "o": answer.operation_key,
        "c": answer.client_id,
        "a": answer.application_id,
        "p": answer.customer_id,
        "s": answer.subject,
        "r": str(answer.arrangement_id or ""),
        "f": answer.fields,
        "e": answer.resources,
        "g": sorted(answer.scopes),
        "h": answer.history_from.isoformat() if answer.history_from else "",
    }
    return signing.dumps(claims, salt=_SALT, compress=True)


def read(ticket: str, *, method: str, target: str) -> Answer | None:
    """Return the answer a ticket carries, or None when it is forged, old or for another request."""
    try:
        claims: dict[str, Any] = signing.loads(ticket, salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature:
        return None
    if (claims["m"], claims["t"]) != (method, target):
        return None
    return Answer(
        Reason.ALLOWED,
        operation_key=claims["o"],
        client_id=claims["c"],
        application_id=claims["a"],
        customer_id=claims["p"],
        subject=claims["s"],
        arrangement_id=UUID(claims["r"]) if claims["r"] else None,
        scopes=frozenset(claims["g"]),
        fields=None if claims["f"] is None else tuple(claims["f"]),
        resources=None if claims["e"] is None else tuple(claims["e"]),
        history_from=datetime.fromisoformat(claims["h"]) if claims["h"] else None,
    )
