"""Every address of the portal, as its resolver knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_PART = re.compile(r"<(?:\w+:)?(\w+)>")


def every_address() -> list[str]:
    """Return the pattern of each address, as it is read in the map of the site."""
    return list(_walk(get_resolver(), ""))


def fill(address: str, parts: Mapping[str, Any]) -> str:
    return "/" + _PART.sub(lambda found: str(parts[found.group(1)]), address)


def parts_of(address: str) -> list[str]:
    return _PART.findall(address)


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        here = before + _readable(str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield here
        elif pattern.app_name != "admin":
            yield from _walk(pattern, here)


def _readable(pattern: str) -> str:
    """Write a regular expression as a path is written."""
    return re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", pattern.removeprefix("^").removesuffix("$"))
