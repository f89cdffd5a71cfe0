"""Find the operation that a method and a path mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Route:
    """An operation as the gateway sees it.

    `open_fields` are what its answer may hold without consent, because it reveals nothing about a
    person; `declared` are the pointers of all that its description names.
    """

    key: str
    method: str
    template: str
    scopes: frozenset[str]
    consentable: frozenset[str]
    open_fields: tuple[str, ...]
    declared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """When a version is deprecated and ends, and the version that follows it, if one does."""

    api_slug: str
    label: str
    deprecated_at: datetime | None
    sunset_at: datetime | None
    successor: tuple[str, str] | None = None


def match(routes: Iterable[Route], method: str, path: str) -> Route | None:
    """Return the route of that method whose template fits; a literal segment beats a parameter.

    HEAD is GET without the body (RFC 9110 §9.3.2), so it means the same operation.
    """
    method = "GET" if method == "HEAD" else method
    fitting = [
        route
        for route in routes
        if route.method == method and _pattern(route.template).fullmatch(path)
    ]
    return min(fitting, key=lambda route: route.template.count("{"), default=None)


@lru_cache(maxsize=4096)
def _pattern(template: str) -> re.Pattern[str]:
    """Return a path template's expression: a parameter is one segment, `{+x}` may be several."""
    parts = re.split(r"(\{[^}]*\})", template)
    return re.compile("".join(_piece(part) for part in parts))


def _piece(part: str) -> str:
    if part.startswith("{+"):
        return r".+"
    return r"[^/]+" if part.startswith("{") else re.escape(part)
