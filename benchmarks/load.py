"""A load that costs little itself: one thread, a few keep-alive connections, ready-made bytes."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

CONNECTIONS = 8
_TIMEOUT = 30
_END_OF_HEAD = b"\r\n\r\n"


class Work(Protocol):
    """What is asked over and over; `after` gets each answer's body, of the same connection."""

    def first(self, place: int) -> bytes | None: ...

    def after(self, place: int, body: bytes) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same few requests in turn; each answer has to hold what makes it a good one."""

    requests: Iterator[bytes]
    wanted: bytes

    def first(self, _place: int) -> bytes | None:
        return next(self.requests, None)

    def after(self, place: int, body: bytes) -> bytes | None:
        if self.wanted not in body:
            raise RuntimeError(f"Not what was asked for: {body[:300]!r}")
        return self.first(place)


def run(base: str, work: Work, *, seconds: float) -> tuple[int, float]:
    """Keep each connection busy for so long; return how many were answered and in what time.

    What is under way at the end is waited for and counted. An answer of 400 or more ends it all.
    """
    with ExitStack() as opened:
        lines = [_Line(base, place) for place in range(CONNECTIONS)]
        for line in lines:
            opened.callback(line.socket.close)
        selector = opened.enter_context(selectors.DefaultSelector())
        return _keep_busy(lines, selector, work, seconds=seconds)


def _keep_busy(
    lines: list[_Line], selector: selectors.BaseSelector, work: Work, *, seconds: float
) -> tuple[int, float]:
    begun = finished = time.perf_counter()
    count = waiting = 0
    for line in lines:
        if line.send(work.first(line.place)):
            selector.register(line.socket, selectors.EVENT_READ, line)
            waiting += 1
    while waiting:
        ready = selector.select(_TIMEOUT)
        if not ready:
            raise RuntimeError("There was no answer.")
        for key, _ in ready:
            line = key.data
            body = line.receive()
            if body is None:
                continue
            count += 1
            finished = time.perf_counter()
            following = work.after(line.place, body)
            if finished - begun > seconds or not line.send(following):
                waiting -= 1
                selector.unregister(line.socket)
    return count, finished - begun


class _Line:
    """One connection: a request goes out whole, its answer is gathered until it is complete."""

    def __init__(self, base: str, place: int) -> None:
        address = urlsplit(base)
        self.place = place
        self.socket = socket.create_connection((address.hostname, address.port or 80), _TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.gathered = b""

    def send(self, request: bytes | None) -> bool:
        if request is not None:
            self.socket.sendall(request)
        return request is not None

    def receive(self) -> bytes | None:
        """Return the body once all of it has come."""
        part = self.socket.recv(65536)
        if not part:
            raise RuntimeError("The server closed a connection that it should have kept.")
        self.gathered += part
        head, found, rest = self.gathered.partition(_END_OF_HEAD)
        if not found or not _is_whole(head.lower(), rest):
            return None
        self.gathered = b""
        status = int(head[9:12])
        if status >= 400:
            raise RuntimeError(f"Answered {status}: {rest[:300]!r}")
        return rest


def _is_whole(head: bytes, rest: bytes) -> bool:
    _, found, length = head.partition(b"\r\ncontent-length:")
    if found:
        return len(rest) >= int(length.partition(b"\r\n")[0])
    if b"\r\ntransfer-encoding: chunked" in head:
        return rest.endswith(b"0\r\n\r\n")
    return True


def request(
    base: str, path: str, *, form: str | None = None, headers: dict[str, str] | None = None
) -> bytes:
    """Return the bytes of a GET, or with a `form` of a POST."""
    lines = [
        f"{'GET' if form is None else 'POST'} {path} HTTP/1.1",
        f"Host: {urlsplit(base).netloc}",
    ]
    if form is not None:
        lines += [
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(form)}",
        ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + (form or "")).encode()
