"""The headers that a decision becomes, the same in every dialect. Pure."""

from __future__ import annotations

import math

from consent.gateway.answers import Answer
from consent.gateway.decision import Reason
from consent.gateway.wording import TITLES


def for_api(answer: Answer) -> dict[str, str]:
    """Return what the API behind the gateway is told about the caller."""
    headers = {
        "X-Portal-Client": answer.client_id,
        "X-Portal-Organization": answer.organization,
        "X-Portal-Subject": answer.subject,
        "X-Portal-Arrangement": str(answer.arrangement_id or ""),
        "X-Portal-Scopes": " ".join(sorted(answer.scopes)),
    }
    if answer.fields is not None:
        headers["X-Allowed-Fields"] = " ".join(answer.fields)
    return headers


def for_client(answer: Answer) -> dict[str, str]:
    """Return what the caller is told: limits always, and on a refusal how to go on."""
    headers = {}
    if answer.count is not None:
        count = answer.count
        wait = math.ceil(count.retry_after_ms / 1000)
        headers["RateLimit"] = f'"plan";r={count.remaining};t={max(wait, count.window_seconds)}'
        headers["RateLimit-Policy"] = f'"plan";q={count.call_count};w={count.window_seconds}'
        if not count.is_allowed:
            headers["Retry-After"] = str(max(wait, 1))
    return headers


def challenge(reason: Reason, *, needed: frozenset[str] = frozenset()) -> str:
    """Return the WWW-Authenticate value of a refusal (RFC 6750 §3), or an empty string."""
    if reason is Reason.TOKEN_MISSING:
        return 'Bearer realm="meridian"'
    if reason is Reason.SCOPE_MISSING:
        scope = f', scope="{" ".join(sorted(needed))}"' if needed else ""
        return f'Bearer realm="meridian", error="insufficient_scope"{scope}'
    if reason.status == 401:
        return (
            f'Bearer realm="meridian", error="invalid_token", error_description="{TITLES[reason]}"'
        )
    return ""
