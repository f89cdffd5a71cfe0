"""Files at rest: under random names, outside what is served, each encrypted with its own key.

A file is cut into pieces of a megabyte, and each piece is sealed with its number, so pieces cannot
be swapped, dropped or brought over from another file; the last one says that it is the last. (The
STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015.) The key is kept in the row,
sealed by the portal's own keys: to destroy the key is to destroy the file, backups included.
"""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from portal.secrets import Unreadable

PIECE = 1024 * 1024
_TAG = 16
_NAME_BYTES = 32


@dataclass(frozen=True, slots=True)
class Kept:
    size: int
    sha256: str


def new_name() -> str:
    """Return a name that nobody guesses and that says nothing of whose file it is."""
    return token_hex(_NAME_BYTES)


def new_key() -> str:
    return urlsafe_b64encode(AESGCM.generate_key(256)).decode()


def keep(chunks: Iterable[bytes], *, name: str, key: str) -> Kept:
    """Write what comes, a piece at a time, and return its size and digest; all of it or nothing."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size, cipher = hashlib.sha256(), 0, AESGCM(urlsafe_b64decode(key))
    unfinished = path.with_suffix(".new")
    try:
        with os.fdopen(
            os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        ) as to:
            for number, (piece, is_last) in enumerate(_pieces(chunks)):
                digest.update(piece)
                size += len(piece)
                to.write(cipher.encrypt(_nonce(number, is_last=is_last), piece, name.encode()))
            to.flush()
            os.fsync(to.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Kept(size, digest.hexdigest())


def read(*, name: str, key: str) -> Iterator[bytes]:
    """Yield the file's pieces as they were; raises `Unreadable` at the first that is not."""
    cipher = AESGCM(urlsafe_b64decode(key))
    try:
        kept = _path(name).open("rb")
    except FileNotFoundError as error:
        raise Unreadable(name) from error
    with kept:
        number, sealed = 0, kept.read(PIECE + _TAG)
        while sealed:
            following = kept.read(PIECE + _TAG)
            nonce = _nonce(number, is_last=not following)
            try:
                yield cipher.decrypt(nonce, sealed, name.encode())
            except InvalidTag as error:
                raise Unreadable(name) from error
            number, sealed = number + 1, following


def forget(name: str) -> None:
    """Remove the file; that it is gone already is fine."""
    for path in (_path(name), _path(name).with_suffix(".new")):
        path.unlink(missing_ok=True)


def _pieces(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut what comes into pieces of one size, and say of each whether it is the last."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > PIECE:
            yield bytes(waiting[:PIECE]), False
            del waiting[:PIECE]
    yield bytes(waiting), True


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _path(name: str) -> Path:
    directory: Path = settings.EVIDENCE_DIR
    return directory / name[:2] / name
