"""Nonces for DPoP that need no memory (RFC 9449 §8): a keyed hash of the minutes they hold for."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

PERIOD_SECONDS = 120
MIN_KEY_BYTES = 32


def issue(key: bytes, at: datetime) -> str:
    """Return the nonce of this period, 22 characters of base64url.

    `key` has 32 bytes or more (`ValueError`) and is the same in all processes. It stays fresh for
    two to four minutes, so a server may send the newest one with every answer (RFC 9449 §8.2).
    """
    return _nonce(key, _period(at))


def is_fresh(nonce: str, key: bytes, at: datetime) -> bool:
    """Whether it is the nonce of this period, the one before, or the next: our clocks differ."""
    period = _period(at)
    given = nonce.encode(errors="surrogatepass")
    known = [_nonce(key, number).encode() for number in (period - 1, period, period + 1)]
    return any(hmac.compare_digest(given, candidate) for candidate in known)


def _period(at: datetime) -> int:
    return int(at.timestamp() // PERIOD_SECONDS)


def _nonce(key: bytes, period: int) -> str:
    if len(key) < MIN_KEY_BYTES:
        raise ValueError(f"The key for nonces needs {MIN_KEY_BYTES} bytes.")
    made = hmac.digest(key, f"dpop nonce {period}".encode(), hashlib.sha256)[:16]
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
