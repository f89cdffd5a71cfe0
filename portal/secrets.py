"""Secrets at rest: what we only compare is kept as a keyed digest, what we must read is sealed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE_BYTES = 12
_ID_BYTES = 4


class Unreadable(Exception):
    """A sealed value that none of our keys opens, or that was moved from where it was sealed."""


def new_secret(prefix: str = "", *, size: int = 32) -> str:
    """Return a fresh URL-safe secret of `size` random bytes behind a prefix that names its kind."""
    return f"{prefix}{secrets.token_urlsafe(size)}"


def digest(secret: str) -> str:
    """Return the keyed SHA-256 of a high-entropy secret, as 64 hex digits.

    Such secrets cannot be guessed, so a slow password hash would buy nothing and cost each request
    a third of a second; the key keeps a stolen table from being searched for known secrets.
    """
    return hmac.digest(_digest_key(), secret.encode(), "sha256").hex()


def matches(secret: str, known_digest: str) -> bool:
    return hmac.compare_digest(digest(secret), known_digest)


def seal(plain: str, *, context: str) -> str:
    """Encrypt with the newest key; `context` (`table:row:column`) must be the same to read it."""
    key_id, key = _keys()[0]
    return base64.urlsafe_b64encode(key_id + _encrypted(key, plain, context)).decode()


def unseal(sealed: str, *, context: str) -> str:
    raw = base64.urlsafe_b64decode(sealed)
    wanted, nonce, body = raw[:_ID_BYTES], raw[_ID_BYTES:16], raw[16:]
    for key_id, key in _keys():
        if key_id == wanted:
            try:
                return AESGCM(key).decrypt(nonce, body, context.encode()).decode()
            except InvalidTag as error:
                raise Unreadable(context) from error
    raise Unreadable(context)


def seal_with(key: bytes, plain: str, *, context: str) -> str:
    """Encrypt with a key that is not one of ours, such as a person's own."""
    return base64.urlsafe_b64encode(_encrypted(key, plain, context)).decode()


def unseal_with(key: bytes, sealed: str, *, context: str) -> str:
    raw = base64.urlsafe_b64decode(sealed)
    nonce, body = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, body, context.encode()).decode()
    except InvalidTag as error:
        raise Unreadable(context) from error


def _encrypted(key: bytes, plain: str, context: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain.encode(), context.encode())


@cache
def _keys() -> tuple[tuple[bytes, bytes], ...]:
    keys = [base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)) for key in settings.KEYS]
    return tuple((hashlib.sha256(key).digest()[:_ID_BYTES], key) for key in keys)


@cache
def _digest_key() -> bytes:
    # The oldest key: a digest cannot be made anew when a newer one arrives.
    oldest = _keys()[-1][1]
    return HKDF(SHA256(), 32, None, b"portal.secrets.digest").derive(oldest)
