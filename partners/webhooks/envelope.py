"""What an endpoint is told: a thin body. `portal.signing` has the headers that go with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from portal.events.models import Event

# The facts a partner may hear: its own names and numbers. Everything else stays inside.
_TOLD = (
    "client_id",
    "application",
    "approval",
    "version",
    "api",
    "breaking_count",
    "sunset_at",
    "successor",
    "sequence",
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


def body_of(event: Event, *, challenge: str = "") -> str:
    """Return the JSON of an event: ids and codes, from which the receiver asks for the rest.

    A trial has a `challenge`, which the receiver repeats.
    """
    occurred_at = _instant(event.recorded_at)
    data = {name: event.facts[name] for name in _TOLD if name in event.facts}
    thing, _, key = event.subject.partition(":")
    if thing == "arrangements.arrangement":
        data["grant_id"] = key
    if "subject_id" in event.facts:
        data["sub"] = event.facts["subject_id"]
    if challenge:
        data["challenge"] = challenge
    data["occurred_at"] = occurred_at
    return json.dumps({"type": event.kind, "timestamp": occurred_at, "data": data})


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
