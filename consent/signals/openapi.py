"""The addresses for news in the description of the portal's API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from consent.oauth.openapi import JSON, answer, error, operation
from consent.oauth.openapi_fields import PROOF, TEXT, TOKEN, Json
from consent.signals.actions import MAX_AT_ONCE

_ID: Json = {"type": "string", "format": "uuid"}
_REFUSALS = {
    400: error("Something about the request is wrong: see error."),
    401: error("No token, or none that counts."),
    403: error("The token lacks grant_management_query."),
    503: error("What was used before cannot be looked up: ask again in a moment."),
}
_NEWS: Json = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "description": "Rises by one with each event."},
        "id": {**_ID, "description": "The webhook-id of the same event."},
        "type": TEXT,
        "timestamp": {"type": "string", "format": "date-time"},
        "data": {"type": "object"},
    },
    "required": ["number", "id", "type", "timestamp", "data"],
}


def add_endpoints(result: Json, **_: Any) -> Json:
    """Add the endpoints; a hook of drf-spectacular."""
    result["paths"] |= {
        reverse("signals:news"): {"get": _page()},
        reverse("signals:poll"): {"post": _poll()},
    }
    return result


def _page() -> Json:
    told = {
        "type": "object",
        "properties": {
            "events": {"type": "array", "items": _NEWS},
            "next": {**TEXT, "description": "What to send as `after` next time."},
            "more": {"type": "boolean", "description": "Whether to ask again at once."},
        },
        "required": ["events", "next", "more"],
    }
    responses = {
        200: answer("The news behind the cursor, in order.", told),
        **_REFUSALS,
        410: error("What came right after the cursor is not kept any more."),
    }
    described = operation(
        "listSignals", "Read a client's news of the last 30 days.", responses, auth=TOKEN
    )
    whole = {"type": "integer", "minimum": 0}
    described["parameters"] = [
        {"name": "after", "in": "query", "schema": whole},
        {"name": "limit", "in": "query", "schema": {**whole, "minimum": 1, "maximum": MAX_AT_ONCE}},
        PROOF,
    ]
    return described


def _poll() -> Json:
    asked = {
        "type": "object",
        "properties": {
            "maxEvents": {"type": "integer", "minimum": 0},
            "returnImmediately": {"type": "boolean", "description": "It always does."},
            "ack": {"type": "array", "items": TEXT},
            "setErrs": {"type": "object", "additionalProperties": {"type": "object"}},
        },
    }
    told = {
        "type": "object",
        "properties": {
            "sets": {"type": "object", "additionalProperties": TEXT},
            "moreAvailable": {"type": "boolean"},
        },
        "required": ["sets", "moreAvailable"],
    }
    described = operation(
        "pollSignals",
        "Take Security Event Tokens, and say which have arrived (RFC 8936).",
        {200: answer("What was not taken yet, oldest first.", told), **_REFUSALS},
        auth=TOKEN,
    )
    described["requestBody"] = {"content": {JSON: {"schema": asked}}}
    described["parameters"] = [PROOF]
    return described
