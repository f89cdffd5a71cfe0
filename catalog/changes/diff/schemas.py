"""Two schemas side by side. Each pair of named ones is compared once, whoever refers to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from catalog.changes.diff.facets import View, Views, facets_of
from catalog.changes.diff.values import Direction, Finding, findings_about
from catalog.specs.resolver import steps_of

MAX_PAIRS = 200_000
MAX_DEPTH = 60


PairKey = tuple[int, int, Direction]


@dataclass(slots=True)
class Pair:
    """What differs in two schemas themselves, and which pairs they lead on to.

    Findings are the keys of a dictionary: each once, in the order they were found.
    """

    found: dict[Finding, None] = field(default_factory=dict)
    leads_to: dict[PairKey, None] = field(default_factory=dict)
    seen: set[tuple[int, int]] = field(default_factory=set)

    def add(self, rule: str, subject: str = "", before: str = "", after: str = "") -> None:
        self.found[Finding(rule, subject, before[:300], after[:300])] = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: how people name the value, in which pair, and how deep inside of it."""

    at: str
    pair: Pair
    direction: Direction
    depth: int = 0

    def inside(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    def under(self, at: str) -> _Place:
        return replace(self, at=at, depth=self.depth + 1)


class SchemaComparison:
    def __init__(self, old: Views, new: Views) -> None:
        self.old, self.new = old, new
        self.pairs: dict[PairKey, Pair] = {}
        self.is_cut = False
        self._waiting: list[tuple[Any, Any, _Place]] = []
        self._count = 0

    def compare(self, old: Any, new: Any, direction: Direction, *, at: str, into: Pair) -> None:
        """Compare two schemas and all that they lead to; `at` is how people name the value."""
        self._step(old, new, _Place(at, into, direction))
        while self._waiting:
            self._step(*self._waiting.pop())

    def _step(self, old: Any, new: Any, place: _Place) -> None:
        pair, direction = place.pair, place.direction
        if (id(old), id(new)) in pair.seen:
            return
        self._count += 1
        if self._count > MAX_PAIRS or place.depth > MAX_DEPTH:
            self.is_cut = True
            return
        pair.seen.add((id(old), id(new)))
        one, other = self.old.of(old), self.new.of(new)
        linked = _linked(one, other)
        if linked is None:
            one, other = self.old.of(old, is_whole=True), self.new.of(new, is_whole=True)
        for left, right in linked or ():
            self._lead(left, right, place)
        before, after = facets_of(one), facets_of(other)
        for found in findings_about(before, after, place.at, direction, is_whole=not linked):
            pair.found[found] = None
        self._fields(one, other, place)
        if one.items is not None and other.items is not None:
            self._step(one.items, other.items, place.under(f"{place.at}[]"))
        if one.values is not None and other.values is not None:
            self._step(one.values, other.values, place.under(place.inside("*")))

    def _lead(self, left: str, right: str, place: _Place) -> None:
        old, new = self.old.resolver.find(left), self.new.resolver.find(right)
        key = id(old), id(new), place.direction
        place.pair.leads_to[key] = None
        if key not in self.pairs:
            name = _name_of(right)
            pair = self.pairs[key] = Pair()
            self._waiting.append((old, new, _Place(name, pair, place.direction)))

    def _fields(self, one: View, other: View, place: _Place) -> None:
        before, after = one.properties, other.properties
        needed, needs = one.required, other.required
        direction, pair = place.direction, place.pair
        is_asked = direction is Direction.REQUEST
        # What only the other side writes is not part of this direction.
        hidden = "readOnly" if is_asked else "writeOnly"
        for name, schema in before.items():
            if name not in after and not _has(schema, hidden):
                pair.add(f"{direction}-field-removed", place.inside(name))
        for name, schema in after.items():
            if name in before:
                if not (_has(before[name], hidden) and _has(schema, hidden)):
                    self._step(before[name], schema, place.under(place.inside(name)))
            elif not _has(schema, hidden):
                must = is_asked and name in needs and name not in needed
                added = f"{direction}-field-added{'-required' if must else ''}"
                pair.add(added, place.inside(name))
        for name in sorted(needed ^ needs):
            is_moved = (name in before) != (name in after)
            if not is_moved and not _has(after.get(name), hidden):
                word = "required" if name in needs else "optional"
                pair.add(f"{direction}-field-made-{word}", place.inside(name))


def _linked(one: View, other: View) -> list[tuple[str, str]] | None:
    """Pair the references of two schemas; None where only their contents can be compared."""
    if len(one.refs) == len(other.refs) == 1:
        return [(one.refs[0], other.refs[0])]
    named, names = _named(one), _named(other)
    if named.keys() != names.keys() or len(named) != len(one.refs) or len(names) != len(other.refs):
        return None
    return [(ref, names[name]) for name, ref in named.items()]


def _named(view: View) -> dict[str, str]:
    return {_name_of(ref): ref for ref in view.refs}


def _name_of(ref: str) -> str:
    return (steps_of(ref) or [ref])[-1]


def _has(schema: Any, word: str) -> bool:
    return isinstance(schema, dict) and schema.get(word) is True
