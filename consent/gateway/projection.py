"""Leave in a JSON body only the fields that may be seen, each as it may be seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.scopes.reveals import Reveal, Transform, read_reveal, readable, widest
from consent.gateway.transforms import NOTHING, Alias, counts_shown, seen_as


@dataclass(slots=True)
class Allowed:
    """What may be seen at one place: the value there, and what lies below it.

    The name `*` below stands for every item of an array.
    """

    reveal: Reveal | None = None
    below: dict[str, Allowed] = field(default_factory=dict)


def project(body: Any, fields: Iterable[str], *, alias: Alias | None = None) -> Any:
    """Return the body with the allowed leaves alone, and the containers that still hold one.

    `fields` are spelled as the `X-Allowed-Fields` header does: RFC 6901 pointers with `*` for the
    items of an array, and a transform behind some of them. What cannot be read allows nothing.
    A field that is not allowed is absent, never null: a null would tell that it exists. A list
    keeps its length. `alias` gives values that are seen pairwise the caller's own names.
    """
    kept = _Projection(body, list(map(read_reveal, widest(fields))), alias).kept()
    if kept is NOTHING:
        return [] if isinstance(body, list) else {}
    return kept


def allowed_by(reveals: Iterable[Reveal]) -> Allowed:
    top = Allowed()
    for reveal in reveals:
        place = top
        for name in _names(reveal.pointer):
            place = place.below.setdefault(name, Allowed())
        place.reveal = reveal
    return top


def undeclared_count(body: Any, pointers: Iterable[str]) -> int:
    """Return how many leaves of a body no description names. Their names are nobody's business."""
    declared = allowed_by(map(Reveal, pointers))
    return sum(1 for _ in _strangers(body, declared))


def raw_pointers(fields: Iterable[str]) -> frozenset[str]:
    """Return what may be seen as it is: alone that may be sorted and filtered by."""
    return frozenset(
        found.pointer for found in readable(fields) if found.transform is Transform.RAW
    )


class _Projection:
    def __init__(self, body: Any, reveals: list[Reveal], alias: Alias | None) -> None:
        self.body = body
        self.alias = alias
        self.allowed = allowed_by(reveals)
        # Whether a count is shown hangs on all that stand at the same place of other items.
        self.counts: dict[str, Iterator[int | None]] = {}
        for reveal in reveals:
            if reveal.transform is Transform.AGGREGATE:
                values = list(_values_at(body, _names(reveal.pointer)))
                self.counts[reveal.pointer] = iter(counts_shown(values, int(reveal.argument)))

    def kept(self) -> Any:
        return self._keep(self.body, self.allowed)

    def _keep(self, value: Any, allowed: Allowed) -> Any:
        if isinstance(value, dict):
            return self._keep_members(value, allowed)
        if isinstance(value, list):
            return self._keep_items(value, allowed)
        if allowed.reveal is None:
            return NOTHING
        if allowed.reveal.transform is Transform.AGGREGATE:
            count = next(self.counts[allowed.reveal.pointer])
            return NOTHING if count is None else count
        return seen_as(value, allowed.reveal, alias=self.alias)

    def _keep_members(self, value: dict[str, Any], allowed: Allowed) -> Any:
        kept = {}
        for name, member in value.items():
            place = allowed.below.get(name)
            if place is not None and (left := self._keep(member, place)) is not NOTHING:
                kept[name] = left
        return kept or NOTHING

    def _keep_items(self, value: list[Any], allowed: Allowed) -> Any:
        place = allowed.below.get("*")
        if place is None:
            return NOTHING
        items = (self._keep(item, place) for item in value)
        return [{} if item is NOTHING else item for item in items]


def _names(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _values_at(value: Any, names: list[str]) -> Iterator[Any]:
    """Yield the leaves at a pointer, in the order in which the projection meets them."""
    if isinstance(value, list) and names and names[0] == "*":
        for item in value:
            yield from _values_at(item, names[1:])
    elif isinstance(value, dict):
        if names and names[0] in value:
            yield from _values_at(value[names[0]], names[1:])
    elif not names:
        yield value


def _strangers(value: Any, declared: Allowed) -> Iterator[Any]:
    if isinstance(value, dict):
        members: Iterable[tuple[str, Any]] = value.items()
    elif isinstance(value, list):
        members = (("*", item) for item in value)
    else:
        if declared.reveal is None:
            yield value
        return
    # What a description shows without its inside, such as a free object, is declared as a whole.
    if declared.reveal is not None and not declared.below:
        return
    for name, member in members:
        place = declared.below.get(name) or declared.below.get("*")
        yield from _strangers(member, place or Allowed())
