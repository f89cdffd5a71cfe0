"""Values that must not leave their place, and the places where they are looked for."""

from __future__ import annotations

import base64
import binascii
import re
import socket
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter


class Canaries:
    """Every secret and personal value that somebody used, by its kind."""

    def __init__(self) -> None:
        self._values: dict[str, set[str]] = defaultdict(set)

    def add(self, kind: str, *values: str) -> None:
        for value in values:
            assert len(value) >= 7, f"{kind}: a shorter one stands in a text by chance"
            self._values[kind].add(value)

    def kinds(self) -> set[str]:
        return set(self._values)

    def kinds_in(self, text: str) -> set[str]:
        """Return the kinds of what stands in the text, as it is or as an address spells it."""
        readings = {text.lower(), unquote(text).lower(), unquote(text.replace("+", " ")).lower()}
        return {
            kind
            for kind, values in self._values.items()
            for value in values
            if any(_stands_alone(value.lower(), reading) for reading in readings)
        }

    def escaped_to(self, places: Iterable[tuple[str, str]]) -> list[str]:
        """Return `kind in place` for each escape: what a failing test may say, without a value."""
        found = {(place, kind) for place, text in places for kind in self.kinds_in(text)}
        return sorted(f"{kind} in {place}" for place, kind in found)


def require_none(escaped: list[str]) -> None:
    """Fail with kinds and places alone; an assertion would show what it compared."""
    if escaped:
        pytest.fail("Escaped: " + "; ".join(escaped), pytrace=False)


def _stands_alone(value: str, text: str) -> bool:
    """Say whether it is there, and not as a piece of some longer random word."""
    if value not in text:
        return False
    return re.search(rf"(?<![a-z0-9]){re.escape(value)}(?![a-z0-9])", text) is not None


@dataclass
class Exchange:
    """One request of a browser or of a client's software, and where its answer sent it."""

    url: str
    referer: str
    location: str


class Addresses:
    """Every address that was asked for, named as where one came from, or answered."""

    def __init__(self, callback: str) -> None:
        self.callback = callback
        self.seen: list[Exchange] = []

    @contextmanager
    def written_down(self) -> Iterator[None]:
        patch = pytest.MonkeyPatch()
        send, seen = HTTPAdapter.send, self.seen

        def sending(adapter: Any, request: Any, **given: Any) -> requests.Response:
            answer = send(adapter, request, **given)
            headers = request.headers
            seen.append(
                Exchange(
                    request.url, headers.get("Referer", ""), answer.headers.get("Location", "")
                )
            )
            return answer

        patch.setattr(HTTPAdapter, "send", sending)
        yield
        patch.undo()

    def escapes(self, canaries: Canaries) -> list[str]:
        """Return what an address holds beyond what the protocols put there."""
        escaped = set()
        for one in self.seen:
            for part in ("url", "referer", "location"):
                address = getattr(one, part)
                for kind in canaries.kinds_in(address) - self._allowed(part, address):
                    escaped.add(f"{kind} in the {part} {urlsplit(address).path}")
        return sorted(escaped)

    def _allowed(self, part: str, address: str) -> set[str]:
        path = urlsplit(address).path
        if part == "location" and address.startswith(self.callback):
            return {"code", "state"}  # RFC 6749 §4.1.2
        if path == "/oauth/authorize":
            return {"state"}  # RFC 6749 §4.1.1; its referrer stays within the portal
        if path == "/sign-in/":
            wanted = parse_qs(urlsplit(address).query).get("next", [""])[0]
            return {"state"} if urlsplit(wanted).path == "/oauth/authorize" else set()
        if part == "url" and path.startswith("/accounts/password/new/"):
            return {"one-time link"}  # It came by mail; the answer leads away from it at once.
        return set()


@dataclass(repr=False)
class Broker:
    """What Redis was told, byte by byte, in the databases from `first` on."""

    path: str
    first: int
    lines: list[str] = field(default_factory=list)

    @contextmanager
    def overheard(self) -> Iterator[None]:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(self.path)
            line.sendall(b"MONITOR\r\n")
            assert line.recv(5) == b"+OK\r\n"
            reader = threading.Thread(target=self._read, args=[line], daemon=True)
            reader.start()
            yield
            line.shutdown(socket.SHUT_RDWR)
            reader.join()

    def _read(self, line: socket.socket) -> None:
        with line.makefile(errors="replace") as told:
            for one in told:
                place = re.match(r"\+[\d.]+ \[(\d+) ", one)
                if place and int(place.group(1)) >= self.first:
                    self.lines.append(one)

    def task_bodies(self) -> list[str]:
        """Return arguments and options of each task message, as they lay in the broker."""
        found = re.findall(r'\\"body\\": \\"([A-Za-z0-9+/=]+)\\"', "".join(self.lines))
        return [base64.b64decode(body).decode() for body in found if _is_base64(body)]


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True
