"""What one schema says of a value, in a form that two of them can be compared in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.specs.resolver import Resolver
from catalog.specs.shapes import MAX_PARTS, MAX_PROPERTIES

MAX_VALUES = 500
_SPACE = re.compile(r"\s+")
# How tight each limit is: a larger pair takes less.
_LOWER = {"minLength": "at least {} characters", "minItems": "at least {} items",
          "minProperties": "at least {} fields"}  # fmt: skip
_UPPER = {"maxLength": "at most {} characters", "maxItems": "at most {} items",
          "maxProperties": "at most {} fields"}  # fmt: skip
_TYPES: Mapping[type, str] = {
    bool: "boolean", str: "string", int: "integer", float: "number", list: "array", dict: "object",
}  # fmt: skip

Part = tuple[dict[str, Any], bool]
Limits = Mapping[str, tuple[tuple[float, int], str]]


@dataclass(frozen=True, slots=True)
class View:
    """A schema taken apart: what it says itself, and what it refers to.

    `parts` are the schema and what is composed into it, each with whether it is one of several
    alternatives; `refs` are the references among these that were not followed.
    """

    parts: tuple[Part, ...]
    refs: tuple[str, ...] = ()

    def first(self, *words: str) -> Any:
        for part, _ in self.parts:
            for word in words:
                if part.get(word) is not None:
                    return part[word]
        return None

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part, _ in self.parts:
            stated = part.get("properties")
            for name, schema in stated.items() if isinstance(stated, dict) else ():
                found.setdefault(name, schema)
                if len(found) >= MAX_PROPERTIES:
                    return found
        return found

    @property
    def required(self) -> frozenset[str]:
        return frozenset(
            name
            for part, is_alternative in self.parts
            if not is_alternative and isinstance(part.get("required"), list)
            for name in part["required"][:MAX_PROPERTIES]
            if isinstance(name, str)
        )

    @property
    def items(self) -> Any:
        return self.first("items")

    @property
    def values(self) -> Any:
        """Return the schema of values under keys that are not known beforehand."""
        stated = self.first("additionalProperties")
        return stated if isinstance(stated, dict) and stated else None


class Views:
    """Takes schemas apart, each once."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._known: dict[tuple[int, bool], tuple[Any, View]] = {}

    def of(self, schema: Any, *, is_whole: bool = False) -> View:
        """Return what the schema says; a whole one holds what it refers to as well."""
        key = id(schema), is_whole
        known = self._known.get(key)
        if known is None:
            # The schema is kept too: its id must not be given to another one.
            known = self._known[key] = schema, self._apart(schema, is_whole=is_whole)
        return known[1]

    def _apart(self, schema: Any, *, is_whole: bool) -> View:
        parts: list[Part] = []
        refs: list[str] = []
        stack: list[tuple[Any, bool]] = [(schema, False)]
        seen: set[int] = set()
        while stack and len(seen) < MAX_PARTS:
            part, is_alternative = stack.pop()
            if not isinstance(part, dict) or id(part) in seen:
                continue
            seen.add(id(part))
            parts.append((part, is_alternative))
            inner: list[tuple[Any, bool]] = []
            ref = part.get("$ref")
            if isinstance(ref, str) and is_whole:
                inner.append((self.resolver.find(ref), is_alternative))
            elif isinstance(ref, str):
                refs.append(ref)
            inner += [(one, is_alternative) for one in _list(part.get("allOf"))]
            inner += [(one, True) for word in ("oneOf", "anyOf") for one in _list(part.get(word))]
            stack += reversed(inner)
        return View(tuple(parts), tuple(dict.fromkeys(refs)))


@dataclass(frozen=True, slots=True)
class Facets:
    """`types` without null, empty where anything goes; `enum` as written, None where it is open."""

    types: frozenset[str] = frozenset()
    is_nullable: bool = False
    enum: tuple[str, ...] | None = None
    limits: Limits = field(default_factory=dict)
    pattern: str = ""
    format: str = ""
    default: str = ""
    is_deprecated: bool = False
    data_class: str = ""
    cluster: str = ""
    retention_days: int | None = None
    words: str = ""


def facets_of(view: View) -> Facets:
    types, is_nullable = _types(view.parts)
    days = view.first("x-retention-days")
    default = view.first("default")
    return Facets(
        types=types,
        is_nullable=is_nullable,
        enum=_enum(view.parts),
        limits=_limits(view),
        pattern=_text(view.first("pattern")),
        format=_text(view.first("format")),
        default="" if default is None else written(default),
        is_deprecated=view.first("deprecated") is True,
        data_class=_text(view.first("x-data-class")),
        cluster=_text(view.first("x-data-cluster")),
        retention_days=days if isinstance(days, int) and not isinstance(days, bool) else None,
        words=spoken(view.first("description"), view.first("title")),
    )


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def spoken(*texts: Any) -> str:
    """Return words so that only words differ: spaces and line ends say nothing."""
    return "\n".join(_SPACE.sub(" ", _text(text)) for text in texts).strip()


def _types(parts: Sequence[Part]) -> tuple[frozenset[str], bool]:
    own: set[str] = set()
    others: set[str] = set()
    is_nullable = False
    for part, is_alternative in parts:
        stated = part.get("type")
        names = {one for one in stated if isinstance(one, str)} if isinstance(stated, list) else (
            {stated} if isinstance(stated, str) else _inferred(part)
        )  # fmt: skip
        is_nullable |= "null" in names or True in (part.get("nullable"), part.get("x-nullable"))
        is_nullable |= None in _list(part.get("enum"))
        (others if is_alternative else own).update(names - {"null"})
    return frozenset(own or others), is_nullable


def _inferred(part: dict[str, Any]) -> set[str]:
    if isinstance(part.get("properties"), dict) or "additionalProperties" in part:
        return {"object"}
    if "items" in part:
        return {"array"}
    stated = [part["const"]] if "const" in part else _list(part.get("enum"))
    return {_TYPES[type(one)] for one in stated[:MAX_VALUES] if type(one) in _TYPES}


def _enum(parts: Sequence[Part]) -> tuple[str, ...] | None:
    """Return the values that are allowed: of alternatives those of all, if each of them says."""
    others: list[Any] = []
    is_open = True
    for part, is_alternative in parts:
        stated = [part["const"]] if "const" in part else part.get("enum")
        if isinstance(stated, list):
            if not is_alternative:
                return _values(stated)
            others += stated
            is_open = False
        elif is_alternative and part.get("type") not in {None, "null"}:
            return None
    return None if is_open else _values(others)


def _values(stated: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(written(one) for one in stated[:MAX_VALUES] if one is not None))


def _limits(view: View) -> Limits:
    limits: dict[str, tuple[tuple[float, int], str]] = {}
    for word, sign, said in (("minimum", 1, "at least {}"), ("maximum", -1, "at most {}")):
        exclusive = view.first(f"exclusive{word.capitalize()}")
        value, is_strict = view.first(word), exclusive is True
        if _is_number(exclusive):
            value, is_strict = exclusive, True
        if _is_number(value):
            strictly = {1: "more than {}", -1: "less than {}"}[sign]
            limits[word] = (
                (sign * value, int(is_strict)),
                (strictly if is_strict else said).format(value),
            )
    for words, sign in ((_LOWER, 1), (_UPPER, -1)):
        for word, said in words.items():
            value = view.first(word)
            if _is_number(value) and not (sign > 0 and value == 0):
                limits[word] = (sign * value, 0), said.format(value)
    if view.first("uniqueItems") is True:
        limits["uniqueItems"] = (1, 0), "nothing twice"
    if _is_number(step := view.first("multipleOf")):
        limits["multipleOf"] = (step, 0), f"steps of {step}"
    if view.first("additionalProperties") is False or any(
        part.get("additionalProperties") is False for part, _ in view.parts
    ):
        limits["additionalProperties"] = (1, 0), "no other fields"
    return limits


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value[:MAX_VALUES] if isinstance(value, list) else []
