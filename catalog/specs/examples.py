"""Examples: the document's own where it has them, else a small one made from the schema."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

from catalog.specs.markdown import cut
from catalog.specs.shapes import Shape, Shapes

MAX_BYTES = 8_000
MAX_LEVEL = 6
MAX_PARTS = 300
MAX_REASONS = 12
_BY_FORMAT = {
    "date": "2026-03-14",
    "date-time": "2026-03-14T09:26:53Z",
    "time": "09:26:53Z",
    "duration": "P3D",
    "email": "person@example.com",
    "hostname": "host.example.com",
    "idn-email": "person@example.com",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uri": "https://example.com/thing",
    "url": "https://example.com/thing",
    "uri-reference": "/thing",
    "uuid": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "byte": "dGhpbmc=",
    "password": "a long secret",
}


class Examples:
    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes

    def of_media(self, media: dict[str, Any], schema: Any, *, max_bytes: int = MAX_BYTES) -> Any:
        """Return the example of a media type, a parameter or a header, small enough for a page."""
        if "example" in media:
            return bounded(media["example"], max_bytes=max_bytes)
        named = media.get("examples")
        for one in islice(named.values(), MAX_REASONS) if isinstance(named, dict) else ():
            value = self.shapes.resolver.mapping(one)
            # OpenAPI 3.2 renamed `value`.
            for word in ("value", "dataValue"):
                if word in value:
                    return bounded(value[word], max_bytes=max_bytes)
        return bounded(self.of_schema(schema), max_bytes=max_bytes)

    def reasons_of(self, media: dict[str, Any]) -> list[dict[str, str]]:
        """Return the problems that an answer gives as named examples, as RFC 9457 words them."""
        named = media.get("examples")
        reasons = []
        for one in islice(named.values(), MAX_REASONS) if isinstance(named, dict) else ():
            problem = self.shapes.resolver.mapping(one).get("value")
            if isinstance(problem, dict) and isinstance(problem.get("code"), str):
                words = (("code", 60), ("title", 200), ("detail", 300))
                reasons.append(
                    {word: cut(str(problem.get(word, "")), most) for word, most in words}
                )
        return reasons

    def of_schema(self, schema: Any) -> Any:
        return _Maker(self.shapes).make(schema, ())


class _Maker:
    """Makes one example. The same schema always gives the same one."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.left = MAX_PARTS

    def make(self, schema: Any, trail: tuple[int, ...]) -> Any:
        self.left -= 1
        shape = self.shapes.of(schema)
        stated = _stated(shape)
        if stated is not None:
            return stated
        if (shape.key in trail and shape.key) or len(trail) >= MAX_LEVEL or self.left <= 0:
            return {"object": {}, "array": []}.get(shape.kind)
        if shape.is_list:
            return [self.make(shape.items, (*trail, shape.key))]
        if shape.kind == "object":
            return self._object(shape, (*trail, shape.key))
        return scalar(shape)

    def _object(self, shape: Shape, trail: tuple[int, ...]) -> dict[str, Any]:
        made = {}
        for name, schema in shape.properties.items():
            if self.left <= 0:
                break
            made[name] = self.make(schema, trail)
        if shape.values is not None:
            made["key"] = self.make(shape.values, trail)
        return made


def _stated(shape: Shape) -> Any:
    words = shape.keywords
    examples = words.get("examples")
    values = [
        words.get("example"),
        examples[0] if isinstance(examples, list) and examples else None,
        words.get("default"),
        words.get("const"),
        shape.enum[0] if shape.enum else None,
    ]
    return next((value for value in values if value is not None), None)


def scalar(shape: Shape) -> Any:
    minimum = shape.keywords.get("minimum")
    if shape.kind == "integer":
        return minimum if isinstance(minimum, int) else 1
    if shape.kind == "number":
        return minimum if isinstance(minimum, int | float) else 1.5
    if shape.kind == "boolean":
        return True
    if shape.kind == "string":
        return _BY_FORMAT.get(str(shape.keywords.get("format")), "string")
    return None


def bounded(value: Any, *, max_bytes: int) -> Any:
    """Return the value, shortened step by step until it takes no more than `max_bytes` of JSON."""
    for items, characters, level in ((None, None, 12), (3, 400, 8), (2, 100, 6), (1, 60, 3)):
        short = _Shortener(max_bytes, items=items, characters=characters).shorten(value, level)
        if (
            short is not _TOO_LONG
            and len(json.dumps(short, ensure_ascii=False, default=str)) <= max_bytes
        ):
            return short
    return None


_TOO_LONG = object()


class _Shortener:
    """Copies a value until it is clear that the copy is too long, however long the value is."""

    def __init__(self, most: int, *, items: int | None, characters: int | None) -> None:
        self.left = most
        self.items = items
        self.characters = characters

    def shorten(self, value: Any, level: int) -> Any:
        """Return the copy, or `_TOO_LONG`."""
        self.left -= 1
        if isinstance(value, dict | list) and level:
            return self._container(value, level - 1)
        if isinstance(value, dict | list):
            return {} if isinstance(value, dict) else []
        if isinstance(value, str):
            is_long = self.characters is not None and len(value) > self.characters
            value = f"{value[: self.characters]}…" if is_long else value
            self.left -= len(value)
        return value if self.left >= 0 else _TOO_LONG

    def _container(self, value: dict[str, Any] | list[Any], level: int) -> Any:
        is_list = isinstance(value, list)
        most = self.items if is_list or self.items is None else self.items * 20
        pairs = enumerate(value) if isinstance(value, list) else value.items()
        made: dict[Any, Any] = {}
        for name, one in islice(pairs, most):
            self.left -= 0 if is_list else len(str(name))
            made[name] = self.shorten(one, level)
            if made[name] is _TOO_LONG:
                return _TOO_LONG
        return list(made.values()) if is_list else made
