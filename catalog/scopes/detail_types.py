"""Types of authorization details (RFC 9396): what one looks like, and how it is told to a person.

A type may hold nothing that its lines do not show: whoever agrees has then read all of it. For
that, its schema is closed and keeps to objects, lists of texts, texts, whole numbers and yes or no.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from portal.errors import Refused

MAX_FIELDS = 30
MAX_NESTING = 4
# `type` is the name itself; where it counts is what `resource` says (RFC 8707).
RESERVED = frozenset({"type", "locations"})
_NAME = re.compile(r"[a-z][a-z0-9_-]{2,79}")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLACE = re.compile(r"\{([a-z0-9_.]+)\}")
_KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "string": {"enum", "const", "pattern", "minLength", "maxLength"},
    "integer": {"enum", "const", "minimum", "maximum"},
    "boolean": {"const"},
}
_EVERYWHERE = {"type", "title", "description", "examples"}
_LINES = {"label", "text", "words"}


class DetailTypeInvalid(Refused):
    code = "vocabulary_invalid"


@dataclass(frozen=True, slots=True)
class Line:
    """A label and a sentence with places such as `{amount.value}`; `words` speak for values."""

    label: str
    text: str
    words: Mapping[str, str]

    @property
    def places(self) -> frozenset[str]:
        return frozenset(_PLACE.findall(self.text))

    def as_json(self) -> dict[str, Any]:
        return {"label": self.label, "text": self.text, "words": dict(self.words)}


@dataclass(frozen=True, slots=True)
class DetailTypeWords:
    name: str
    title: str
    scope: str
    schema: Mapping[str, Any]
    lines: tuple[Line, ...]


def read_detail_type(entry: Mapping[str, Any], place: str) -> DetailTypeWords:
    """Return one entry of `x-portal/authorization_details`; raise `DetailTypeInvalid` with why.

    Whether its scope exists is for the caller to find out.
    """
    if unknown := entry.keys() - {"type", "title", "scope", "schema", "lines"}:
        raise DetailTypeInvalid(f"{place} says {min(map(str, unknown))}, which means nothing.")
    name = _text(entry.get("type"), f"{place}/type", 80)
    if not _NAME.fullmatch(name):
        raise DetailTypeInvalid(f"{place}/type is not lower-case letters, digits, _ and -.")
    schema = entry.get("schema")
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise DetailTypeInvalid(f"{place}/schema is not that of an object.")
    if taken := RESERVED & set(schema.get("properties") or ()):
        raise DetailTypeInvalid(f"{place}/schema says {min(taken)}, which is said already.")
    fields = dict(_leaves(schema, f"{place}/schema"))
    lines = tuple(_lines(entry.get("lines"), f"{place}/lines"))
    _require_all_shown(fields, lines, place)
    try:
        jsonschema_rs.validator_for(dict(schema), pattern_options=jsonschema_rs.RegexOptions())
    except ValueError as error:
        raise DetailTypeInvalid(f"{place}/schema is no JSON Schema.") from error
    return DetailTypeWords(
        name=name,
        title=_text(entry.get("title"), f"{place}/title", 60),
        scope=_text(entry.get("scope"), f"{place}/scope", 80),
        schema=schema,
        lines=lines,
    )


def _leaves(
    schema: Mapping[str, Any], place: str, path: tuple[str, ...] = (), *, is_required: bool = True
) -> Iterator[tuple[str, bool]]:
    """Yield the dotted path of each field that holds a value, and whether its object needs it."""
    kind = schema.get("type")
    allowed = _KEYWORDS.get(kind) if isinstance(kind, str) else None
    if allowed is None:
        raise DetailTypeInvalid(f"{place}/type is not one of {', '.join(sorted(_KEYWORDS))}.")
    if unknown := schema.keys() - allowed - _EVERYWHERE:
        raise DetailTypeInvalid(f"{place} uses {min(unknown)}, which is not taken here.")
    if kind == "object":
        yield from _properties(schema, place, path)
    elif kind == "array":
        items = schema.get("items")
        if not isinstance(items, Mapping) or items.get("type") not in {"string", "integer"}:
            raise DetailTypeInvalid(f"{place}/items are not texts or whole numbers.")
        yield from _leaves(items, f"{place}/items", path, is_required=is_required)
    else:
        yield ".".join(path), is_required


def _properties(
    schema: Mapping[str, Any], place: str, path: tuple[str, ...]
) -> Iterator[tuple[str, bool]]:
    properties, needed = schema.get("properties"), schema.get("required", [])
    if schema.get("additionalProperties") is not False or not isinstance(properties, Mapping):
        raise DetailTypeInvalid(f"{place} is open: say properties and additionalProperties: false.")
    if not properties or len(properties) > MAX_FIELDS or len(path) >= MAX_NESTING:
        raise DetailTypeInvalid(f"{place} has too many fields, is too deep, or is empty.")
    if not isinstance(needed, list) or not all(name in properties for name in needed):
        raise DetailTypeInvalid(f"{place}/required is not a list of its properties.")
    for name, inner in properties.items():
        if not isinstance(name, str) or not _FIELD.fullmatch(name):
            raise DetailTypeInvalid(f"{place}/properties holds a name that is not snake_case.")
        if not isinstance(inner, Mapping):
            raise DetailTypeInvalid(f"{place}/properties/{name} is not an object.")
        here = f"{place}/properties/{name}"
        yield from _leaves(inner, here, (*path, name), is_required=name in needed)


def _lines(entries: Any, place: str) -> Iterator[Line]:
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not 0 < len(entries) <= 20:
        raise DetailTypeInvalid(f"{place} is not a list of 1 to 20.")
    for index, entry in enumerate(entries):
        here = f"{place}/{index}"
        if not isinstance(entry, Mapping) or entry.keys() - _LINES:
            raise DetailTypeInvalid(f"{here} is not a label, a text and words.")
        words = entry.get("words", {})
        if not isinstance(words, Mapping) or len(words) > 50:
            raise DetailTypeInvalid(f"{here}/words is not an object of at most 50.")
        yield Line(
            label=_text(entry.get("label"), f"{here}/label", 40),
            text=_text(entry.get("text"), f"{here}/text", 120),
            words={
                str(value): _text(said, f"{here}/words/{value}", 80)
                for value, said in words.items()
            },
        )


def _require_all_shown(fields: Mapping[str, bool], lines: Sequence[Line], place: str) -> None:
    shown = frozenset[str]().union(*(line.places for line in lines))
    if hidden := fields.keys() - shown:
        raise DetailTypeInvalid(f"{place}/lines do not show {min(hidden)}: nobody could read it.")
    if unknown := shown - fields.keys():
        raise DetailTypeInvalid(f"{place}/lines show {min(unknown)}, which the schema has not.")
    for index, line in enumerate(lines):
        parents = {path.rpartition(".")[0] for path in line.places}
        if not parents:
            raise DetailTypeInvalid(f"{place}/lines/{index} shows no field.")
        # A line with a gap is left out, and must not take with it a field that is there.
        if len(line.places) > 1 and (
            len(parents) > 1 or not all(fields[path] for path in line.places)
        ):
            raise DetailTypeInvalid(
                f"{place}/lines/{index} joins fields that are not always there together."
            )


def _text(value: Any, place: str, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest or "\0" in value:
        raise DetailTypeInvalid(f"{place} is not a text of 1 to {longest} characters.")
    return value.strip()
