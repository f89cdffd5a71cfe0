"""The keys that a client publishes at an address of its own (`jwks_uri`, RFC 7591 §2).

Kept in Redis for all processes. A stranger can make us ask an address only a few times a minute
per client, whatever names of keys it makes up; an address that does not answer is forgiven for an
hour.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import redis

from consent.proofs.errors import InvalidClient
from consent.proofs.store import StoreAway, store
from portal import outbound
from portal.errors import Refused
from portal.jose import PublicKey
from portal.jwks import MAX_BYTES, read_jwks, select

FRESH = timedelta(minutes=5)
STALE_LIMIT = timedelta(hours=1)
TIMEOUT_SECONDS = 3
MAX_FETCHES = 5
FETCH_WINDOW = timedelta(minutes=1)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    text: str
    fetched_at: float

    def is_younger(self, age: timedelta, *, at: datetime) -> bool:
        return at.timestamp() - self.fetched_at < age.total_seconds()


def keys_of(
    client_id: str, uri: str, *, header: Mapping[str, Any], at: datetime
) -> tuple[PublicKey, ...]:
    """Return the keys at the client's address, asked anew if none fits the JWS of this header.

    Raises `InvalidClient` when there are none that we may still use, `StoreAway` without Redis.
    """
    try:
        kept = _kept(client_id, uri)
        if kept and kept.is_younger(FRESH, at=at) and select(_read(kept.text), header):
            return _read(kept.text)
        if _may_fetch(client_id):
            kept = _fetch(client_id, uri, at=at) or kept
    except redis.RedisError as error:
        _logger.warning("jwks_store_away")
        raise StoreAway from error
    if kept and kept.is_younger(STALE_LIMIT, at=at):
        return _read(kept.text)
    raise InvalidClient("The keys at the jwks_uri of the application could not be read.")


def _fetch(client_id: str, uri: str, *, at: datetime) -> _Kept | None:
    """Ask the address and keep what it says; what cannot be used does not replace what could."""
    try:
        text = outbound.fetch(uri, max_bytes=MAX_BYTES, timeout=TIMEOUT_SECONDS).body.decode()
        read_jwks(text)
    except (Refused, UnicodeDecodeError) as error:
        _logger.warning(
            "jwks_uri_failed", extra={"client_id": client_id, "reason": type(error).__name__}
        )
        return None
    kept = _Kept(text, at.timestamp())
    record = json.dumps([kept.text, kept.fetched_at])
    store().set(_name(client_id, uri), record, ex=STALE_LIMIT)
    return kept


def _kept(client_id: str, uri: str) -> _Kept | None:
    record: Any = store().get(_name(client_id, uri))
    return _Kept(*json.loads(record)) if record else None


def _may_fetch(client_id: str) -> bool:
    """Take one of the turns that a client has in a minute."""
    name = f"jwks-turns:{client_id}"
    with store().pipeline() as both:
        both.set(name, 0, nx=True, ex=FETCH_WINDOW)
        both.incr(name)
        _, turn = both.execute()
    return int(turn) <= MAX_FETCHES


def _name(client_id: str, uri: str) -> str:
    """Name the address too: a client that moves its keys does not wait for the old ones."""
    return f"jwks:{client_id}:{hashlib.sha256(uri.encode()).hexdigest()}"


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[PublicKey, ...]:
    return read_jwks(text)
