"""Proof key for code exchange (RFC 7636), S256 only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_challenge(challenge: str) -> bool:
    """Whether it can be the unpadded base64url of a SHA-256."""
    return bool(_CHALLENGE.fullmatch(challenge))


def proves(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one whose hash the challenge is."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    hashed = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
