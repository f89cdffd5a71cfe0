"""What an endpoint receives: a thin body and the headers of Standard Webhooks."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

from portal.events.models import Event

# The facts a partner may hear: its own names and numbers. Everything else stays inside.
_TOLD = (
    "client_id",
    "application",
    "version",
    "scopes",
    "added",
    "removed",
    "changed",
    "ends_at",
    "days_left",
    "notice",
    "deadline",
    "reason",
    "number",
    "tier",
    "task",
    "clusters",
    "due_at",
    "asked_count",
    "answered_count",
    "waiting_count",
    "expired_count",
    "stopped_count",
)


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def body_of(event: Event) -> str:
    """Return the JSON of an event: ids and codes, from which the receiver asks for the rest."""
    occurred_at = _instant(event.recorded_at)
    data = {name: event.facts[name] for name in _TOLD if name in event.facts}
    thing, _, key = event.subject.partition(":")
    if thing == "arrangements.arrangement":
        data["grant_id"] = key
    if "subject_id" in event.facts:
        data["sub"] = event.facts["subject_id"]
    data["occurred_at"] = occurred_at
    return json.dumps({"type": event.kind, "timestamp": occurred_at, "data": data})


def headers_of(
    message_id: str, body: str, *, signed_by: Iterable[str], at: datetime
) -> dict[str, str]:
    """Sign `{id}.{seconds}.{body}` with each secret; the id is the same in every attempt."""
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in signed_by]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
