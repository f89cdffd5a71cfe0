"""The id of the request or job in whose course something happens."""

from __future__ import annotations

import structlog


def current_request_id() -> str:
    """Return the id that the log lines of this request or task carry, or an empty string."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
