"""What works once works once, in all processes (RFC 9449 §11.1, RFC 7523 §3 no. 7)."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from datetime import timedelta
from enum import StrEnum

import redis

from consent.proofs.errors import OAuthError
from consent.proofs.store import StoreAway, store

_logger = logging.getLogger(__name__)


class Kind(StrEnum):
    PROOF = "proof"
    ASSERTION = "assertion"


class Replayed(OAuthError):
    """Used before; who asked for it says so in its own protocol's word."""


def claim(kind: Kind, once: tuple[str, ...], *, lifetime: timedelta) -> None:
    """Note that it is used now, and for as long as it could be used again.

    Of any number of claims at the same time one succeeds; the others raise `Replayed`. Raises
    `StoreAway` (503) while Redis is away: then nothing is accepted.
    """
    milliseconds = max(1, math.ceil(lifetime.total_seconds() * 1000))
    try:
        is_first = store().set(_name(kind, once), 1, nx=True, px=milliseconds)
    except redis.RedisError as error:
        _logger.warning("replay_store_away")
        raise StoreAway from error
    if not is_first:
        raise Replayed(f"This {kind} was used before. Make a new one for each request.")


def _name(kind: Kind, once: tuple[str, ...]) -> str:
    """Return a digest: of one length whatever a client sends, and each tuple has its own."""
    return f"once:{kind}:{hashlib.sha256(json.dumps(once).encode()).hexdigest()}"
