"""The headers that a decision becomes, the same in every dialect. Pure."""

from __future__ import annotations

import math
from http import HTTPStatus

from consent.gateway.answers import Answer
from consent.gateway.decision import Reason
from consent.gateway.wording import TITLES
from partners.applications.profiles import ALGORITHMS


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
    """Return the WWW-Authenticate value of a refusal, or an empty string.

    RFC 6750 §3 for tokens that anybody may carry, RFC 9449 §7.1 where the key is what is missing.
    """
    if reason is Reason.TOKEN_MISSING:
        return 'Bearer realm="meridian"'
    if reason is Reason.SCOPE_MISSING:
        scope = f', scope="{" ".join(sorted(needed))}"' if needed else ""
        return f'Bearer realm="meridian", error="insufficient_scope"{scope}'
    if reason.status != HTTPStatus.UNAUTHORIZED:
        return ""
    if reason in {Reason.PROOF_MISSING, Reason.PROOF_INVALID}:
        error = "invalid_dpop_proof" if reason is Reason.PROOF_INVALID else "invalid_token"
        return (
            f'DPoP realm="meridian", error="{error}", error_description="{TITLES[reason]}",'
            f' algs="{" ".join(ALGORITHMS)}"'
        )
    return f'Bearer realm="meridian", error="invalid_token", error_description="{TITLES[reason]}"'
