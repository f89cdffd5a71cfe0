"""The virus scanner: clamd's own protocol, as clamd(8) describes it.

Fails closed: whatever is not a clear answer about this file is `Away`, and nothing is let through.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

_TIMEOUT_SECONDS = 60
_MAX_ANSWER = 4096
# What clamd calls a file that it could not look into; a name like a virus's all the same.
_CLOSED = ("Heuristics.Encrypted.", "Heuristics.Limits.Exceeded", "Heuristics.Broken.")


class Away(Exception):
    """Nobody scans now: clamd is not there, or said something that cannot be understood."""


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNABLE = "unscannable"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Answer:
    verdict: Verdict
    found: str = ""


def scan(pieces: Iterable[bytes]) -> Answer:
    """Send a file as it is read, and return what clamd says of it."""
    with closing(_connected()) as connection:
        try:
            connection.sendall(b"zINSTREAM\0")
            for piece in pieces:
                if piece:
                    connection.sendall(len(piece).to_bytes(4, "big") + piece)
            connection.sendall(bytes(4))
        except (BrokenPipeError, ConnectionResetError):
            pass  # It has heard enough, such as a file beyond its limit, and says so.
        except OSError as error:
            raise Away from error
        return _understood(_answer(connection))


def signatures() -> str:
    """Return what clamd scans with now: its version, and that of its signatures and their day."""
    with closing(_connected()) as connection:
        try:
            connection.sendall(b"zVERSION\0")
        except OSError as error:
            raise Away from error
        return _answer(connection)[:100]


def _connected() -> socket.socket:
    try:
        parts = urlsplit(settings.CLAMD_URL)
        if parts.scheme == "tcp" and parts.hostname:
            return socket.create_connection((parts.hostname, parts.port or 3310), _TIMEOUT_SECONDS)
        if parts.scheme != "unix":
            raise Away
        with ExitStack() as opened:
            connection = opened.enter_context(socket.socket(socket.AF_UNIX))
            connection.settimeout(_TIMEOUT_SECONDS)
            connection.connect(parts.path)
            opened.pop_all()
            return connection
    except (OSError, ValueError) as error:
        raise Away from error


def _answer(connection: socket.socket) -> str:
    said = b""
    try:
        while not said.endswith(b"\0") and len(said) < _MAX_ANSWER:
            more = connection.recv(_MAX_ANSWER)
            if not more:
                break
            said += more
    except OSError as error:
        raise Away from error
    if not said.endswith(b"\0"):
        raise Away
    return said[:-1].decode("utf-8", "replace")


def _understood(said: str) -> Answer:
    if said == "stream: OK":
        return Answer(Verdict.CLEAN)
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        found = said.removeprefix("stream: ").removesuffix(" FOUND")[:100]
        is_closed = found.startswith(_CLOSED)
        return Answer(Verdict.UNSCANNABLE if is_closed else Verdict.INFECTED, found)
    return Answer(Verdict.ERROR)
