"""Leave in a JSON body only the fields that may be seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_NOTHING = object()


@dataclass(slots=True)
class Allowed:
    """What may be seen at one place: the plain value there, and what lies below it.

    The name `*` below stands for every item of an array.
    """

    is_value: bool = False
    below: dict[str, Allowed] = field(default_factory=dict)


def project(body: Any, pointers: Iterable[str]) -> Any:
    """Return the body with the allowed leaves alone, and the containers that still hold one.

    `pointers` are RFC 6901 with `*` for the items of an array. A field that is not allowed is
    absent, never null: a null would tell that it exists. A list keeps its length.
    """
    kept = _keep(body, allowed_by(pointers))
    if kept is _NOTHING:
        return [] if isinstance(body, list) else {}
    return kept


def allowed_by(pointers: Iterable[str]) -> Allowed:
    top = Allowed()
    for pointer in pointers:
        place = top
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            place = place.below.setdefault(name, Allowed())
        place.is_value = True
    return top


def _keep(value: Any, allowed: Allowed) -> Any:
    if isinstance(value, dict):
        return _keep_members(value, allowed)
    if isinstance(value, list):
        return _keep_items(value, allowed)
    return value if allowed.is_value else _NOTHING


def _keep_members(value: dict[str, Any], allowed: Allowed) -> Any:
    kept = {}
    for name, member in value.items():
        place = allowed.below.get(name)
        if place is not None and (left := _keep(member, place)) is not _NOTHING:
            kept[name] = left
    return kept or _NOTHING


def _keep_items(value: list[Any], allowed: Allowed) -> Any:
    place = allowed.below.get("*")
    if place is None:
        return _NOTHING
    items = (_keep(item, place) for item in value)
    return [{} if item is _NOTHING else item for item in items]
