"""What a client asks for: a page behind a cursor, or a poll (RFC 8936 §2.2 to §2.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from consent.proofs.errors import InvalidRequest
from consent.signals.actions import MAX_AT_ONCE

MAX_BYTES = 64 * 1024
MAX_NUMBER = 2**62


@dataclass(frozen=True, slots=True)
class Poll:
    """`limit` may be 0: then the client only says what it has."""

    limit: int
    has: frozenset[UUID]
    faults: Mapping[UUID, str]


def read_page(query: Mapping[str, str]) -> tuple[int, int]:
    """Return `after` (0: from the beginning) and `limit` of a query string."""
    if unknown := set(query) - {"after", "limit"}:
        raise InvalidRequest(f"Not known here: {', '.join(sorted(unknown))}.")
    after = _whole(query.get("after") or "0", "after", at_most=MAX_NUMBER)
    limit = _whole(query.get("limit") or str(MAX_AT_ONCE), "limit", at_most=MAX_AT_ONCE)
    if limit < 1:
        raise InvalidRequest("limit is at least 1.")
    return after, limit


def read_poll(body: bytes) -> Poll:
    """Parse the body of a poll; whatever it does not say has its default."""
    if len(body) > MAX_BYTES:
        raise InvalidRequest("The body is too large.")
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The body is no JSON.") from error
    if not isinstance(said, dict):
        raise InvalidRequest("The body is a JSON object.")
    limit = said.get("maxEvents", MAX_AT_ONCE)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise InvalidRequest("maxEvents is a number from 0 on.")
    ack, faults = said.get("ack", []), said.get("setErrs", {})
    if not isinstance(ack, list) or not isinstance(faults, dict):
        raise InvalidRequest("ack is a list of ids, setErrs an object by id.")
    return Poll(
        limit=min(limit, MAX_AT_ONCE),
        has=frozenset(found for each in ack if (found := _id(each))),
        faults={found: _fault(said) for key, said in faults.items() if (found := _id(key))},
    )


def _whole(raw: str, name: str, *, at_most: int) -> int:
    if not (raw.isascii() and raw.isdecimal() and len(raw) <= 20) or int(raw) > at_most:
        raise InvalidRequest(f"{name} is a whole number, at most {at_most}.")
    return int(raw)


def _id(raw: Any) -> UUID | None:
    """Return the id, or nothing for what cannot be one of ours: it acknowledges nothing."""
    try:
        return UUID(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


def _fault(said: Any) -> str:
    """Return the code that RFC 8935 §2.4 lists; free text stays with whoever wrote it."""
    code = said.get("err") if isinstance(said, dict) else None
    is_code = isinstance(code, str) and code.isascii() and code.replace("_", "").isalpha()
    return code if is_code and isinstance(code, str) else "unspecified"
