"""The headers that a decision becomes, the same in every dialect. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC
from email.utils import format_datetime
from http import HTTPStatus

from django.conf import settings

from consent.gateway.answers import Answer
from consent.gateway.decision import Reason
from consent.gateway.routes import Life
from consent.gateway.wording import TITLES
from consent.oauth.rar import Detail, contents
from partners.applications.profiles import ALGORITHMS

# Gateways and servers take headers of 8 KB, all together.
MAX_DETAILS_LENGTH = 4096


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
    if answer.resources is not None:
        headers["X-Allowed-Resources"] = " ".join(answer.resources)
    if answer.details is not None:
        headers["X-Portal-Details"] = details(answer.details)
    if answer.history_from is not None:
        headers["X-Portal-History-From"] = answer.history_from.astimezone(UTC).isoformat()
    return headers


def details(granted: Iterable[Detail]) -> str:
    """Return single cases as a JSON array in ASCII; `null`, for no API to act on, if too long."""
    written = json.dumps(contents(granted), separators=(",", ":"), sort_keys=True)
    return written if len(written) <= MAX_DETAILS_LENGTH else "null"


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
    return headers | (_ending(answer.life) if answer.life else {})


def _ending(life: Life) -> dict[str, str]:
    """Return when it is deprecated (RFC 9745) and ends (RFC 8594), and where to read on."""
    headers = {}
    page = f"{settings.ISSUER}/apis/{life.api_slug}/changelog/"
    links = [f'<{page}>; rel="deprecation"; type="text/html"']
    if life.deprecated_at is not None:
        headers["Deprecation"] = f"@{int(life.deprecated_at.timestamp())}"
    if life.sunset_at is not None:
        headers["Sunset"] = format_datetime(life.sunset_at.astimezone(UTC), usegmt=True)
        links.append(f'<{page}>; rel="sunset"; type="text/html"')
    if life.successor is not None:
        base = f"{settings.GATEWAY_URL}/{'/'.join(life.successor)}"
        links.append(f'<{base}>; rel="successor-version"')
    return {**headers, "Link": ", ".join(links)}


def challenge(answer: Answer, *, needed: frozenset[str] = frozenset()) -> str:
    """Return the WWW-Authenticate value of a refusal, or an empty string.

    RFC 6750 §3 for tokens that anybody may carry, RFC 9449 §7.1 for those that came as bound to a
    key, or are, whatever else is wrong with them; who shows nothing is told of both.
    """
    reason = answer.reason
    if reason is Reason.TOKEN_MISSING:
        return f"{_challenge('Bearer')}, {_challenge('DPoP')}"
    scheme = "DPoP" if answer.is_bound or reason is Reason.PROOF_INVALID else "Bearer"
    if reason is Reason.SCOPE_MISSING:
        scope = f', scope="{" ".join(sorted(needed))}"' if needed else ""
        return _challenge(scheme, f', error="insufficient_scope"{scope}')
    if reason.status != HTTPStatus.UNAUTHORIZED:
        return ""
    error = "invalid_dpop_proof" if reason is Reason.PROOF_INVALID else "invalid_token"
    return _challenge(scheme, f', error="{error}", error_description="{TITLES[reason]}"')


def _challenge(scheme: str, said: str = "") -> str:
    algorithms = f', algs="{" ".join(ALGORITHMS)}"' if scheme == "DPoP" else ""
    return f'{scheme} realm="meridian"{said}{algorithms}'
