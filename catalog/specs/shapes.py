"""What a schema comes to once its references and alternatives are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from catalog.specs.markdown import cut
from catalog.specs.resolver import Resolver

MAX_PARTS = 80
# More than a page shows of any body.
MAX_PROPERTIES = 1000
_KEYWORDS = (
    "type", "format", "enum", "const", "items", "additionalProperties", "description", "example",
    "examples", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "pattern", "nullable", "title",
    "x-data-class", "x-data-cluster", "x-data-permission", "x-data-transform", "x-retention-days",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """One schema as a whole: `keywords` holds the first value that one of its parts gives."""

    key: int
    keywords: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """Return the JSON type, inferred where it is not said."""
        stated = self.keywords.get("type")
        if isinstance(stated, list):
            stated = next((one for one in stated if one != "null"), None)
        if isinstance(stated, str):
            return stated
        if self.properties or "additionalProperties" in self.keywords:
            return "object"
        return "array" if "items" in self.keywords else ""

    @property
    def is_list(self) -> bool:
        return self.kind == "array"

    @property
    def items(self) -> Any:
        return self.keywords.get("items", {})

    @property
    def values(self) -> dict[str, Any] | None:
        """Return the schema of values under keys that are not known beforehand."""
        extra = self.keywords.get("additionalProperties")
        return extra if isinstance(extra, dict) and extra and not self.properties else None

    @property
    def enum(self) -> list[Any]:
        stated = self.keywords.get("enum")
        return stated if isinstance(stated, list) else []

    @property
    def name(self) -> str:
        """Return the type as people say it: a format or `enum` says more than `string`."""
        stated = self.keywords.get("format")
        if self.enum:
            return "enum"
        if self.kind == "string" and isinstance(stated, str) and stated:
            return cut(stated, 40)
        return cut(self.kind, 40) or "any"


class Shapes:
    """Puts schemas together, each once."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._known: dict[int, tuple[Any, Shape]] = {}

    def of(self, schema: Any) -> Shape:
        known = self._known.get(id(schema))
        if known is None:
            # The schema is kept too: its id must not be given to another one.
            known = self._known[id(schema)] = schema, self._put_together(schema)
        return known[1]

    def type_of(self, schema: Any) -> str:
        shape = self.of(schema)
        if not shape.is_list:
            return shape.name
        inner = self.of(shape.items)
        return f"array of {'array' if inner.is_list else inner.name}"

    def _put_together(self, schema: Any) -> Shape:
        keywords: dict[str, Any] = {}
        properties: dict[str, Any] = {}
        required: set[str] = set()
        key = 0
        # Without recursion: a chain of references may be as long as the document.
        stack: list[tuple[Any, bool]] = [(schema, False)]
        seen: set[int] = set()
        while stack and len(seen) < MAX_PARTS:
            part, is_alternative = stack.pop()
            if not isinstance(part, dict) or id(part) in seen:
                continue
            seen.add(id(part))
            if is_alternative and part.get("type") == "null":
                keywords["nullable"] = True
                continue
            ref = part.get("$ref")
            key = id(part) if not key and not isinstance(ref, str) else key
            for word in _KEYWORDS:
                if word in part and word not in keywords:
                    keywords[word] = part[word]
            found = part.get("properties")
            if isinstance(found, dict):
                for name, value in islice(found.items(), MAX_PROPERTIES):
                    properties.setdefault(name, value)
            if not is_alternative:
                required.update(_names(part.get("required")))
            stack += reversed(self._inner(part, is_alternative=is_alternative))
        return Shape(key, keywords, properties, frozenset(required))

    def _inner(self, part: dict[str, Any], *, is_alternative: bool) -> list[tuple[Any, bool]]:
        inner: list[tuple[Any, bool]] = []
        if isinstance(part.get("$ref"), str):
            inner.append((self.resolver.find(part["$ref"]), is_alternative))
        inner += [(one, is_alternative) for one in _parts(part.get("allOf"))]
        for word in ("oneOf", "anyOf"):
            inner += [(one, True) for one in _parts(part.get(word))]
        return inner


def _parts(value: Any) -> list[Any]:
    return value[:MAX_PARTS] if isinstance(value, list) else []


def _names(value: Any) -> list[str]:
    return (
        [name for name in value[:MAX_PROPERTIES] if isinstance(name, str)]
        if isinstance(value, list)
        else []
    )
