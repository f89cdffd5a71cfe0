"""Pages in the memory of this process, without what belongs to a single visitor."""

# ruff: noqa: TID251 - what is kept are answers

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import (  # type: ignore[attr-defined] # known to Django alone
    _does_token_match,
    get_token,
)

from portal.ui.requests import Request

# What a page tells of the time of day, and of things that no trigger watches, is this old at most.
KEPT_FOR = 60.0
_LARGEST = 300_000
_TOKEN = re.compile(rb"(?<=[\"&;])[A-Za-z0-9]{64}(?=[\"&])")


@dataclass(frozen=True, slots=True)
class Page:
    generation: int
    kept_at: float
    # The form token of each visitor stands between the pieces.
    pieces: tuple[bytes, ...]
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces)) + 1000

    def answer(self, request: Request) -> HttpResponse:
        token = get_token(request).encode() if len(self.pieces) > 1 else b""
        response = HttpResponse(token.join(self.pieces))
        for name, value in self.headers:
            response[name] = value
        return response


class Kept:
    """The pages that were asked for last, as many as fit into the memory they may take."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: OrderedDict[Hashable, Page] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable, generation: int) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is None:
                return None
            if page.generation != generation or time.monotonic() - page.kept_at > KEPT_FOR:
                self._drop(key)
                return None
            self._pages.move_to_end(key)
            return page

    def put(self, key: Hashable, generation: int, request: Request, response: HttpResponse) -> None:
        """Keep the page under what was known before it was made: a change since then voids it."""
        if len(response.content) > _LARGEST or response.cookies:
            return
        page = Page(
            generation,
            time.monotonic(),
            _parted(response.content, secret=request.META.get("CSRF_COOKIE", "")),
            tuple(response.headers.items()),
        )
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self._size += page.size
            while self._size > settings.PAGE_MEMORY_BYTES:
                self._drop(next(iter(self._pages)))

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._size = 0

    def _drop(self, key: Hashable) -> None:
        if page := self._pages.pop(key, None):
            self._size -= page.size


def _parted(content: bytes, *, secret: str) -> tuple[bytes, ...]:
    """Cut the page where a form token of this visitor stands."""
    pieces, begun = [], 0
    for found in _TOKEN.finditer(content):
        if secret and _does_token_match(found[0].decode(), secret):
            pieces.append(content[begun : found.start()])
            begun = found.end()
    return (*pieces, content[begun:])


kept = Kept()
