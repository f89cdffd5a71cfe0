"""A description as a contract: what each operation takes and answers, ready to be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from catalog.changes.diff.facets import Views, spoken
from catalog.specs.naming import operation_slug
from catalog.specs.parser import routes_of
from catalog.specs.resolver import MAX_READ, Resolver
from catalog.specs.swagger import as_openapi

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PREFIX = re.compile(r"/v\d+(?:[._-]?\w+)*(?=/)")

# Where a parameter stands and its name; one in the path goes by its position, whatever its name.
Key = tuple[str, str]
# The kinds of tokens that are needed together, and the scopes they must carry.
Way = tuple[tuple[str, ...], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    is_required: bool
    is_deprecated: bool
    schema: Any
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes with one status: schemas by media type, and the names of headers."""

    schemas: Mapping[str, Any]
    headers: Mapping[str, str]
    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`body` is None where none is read; no `ways` at all let everybody in."""

    method: str
    path: str
    slug: str
    operation_id: str
    is_deprecated: bool
    words: str
    parameters: Mapping[Key, Parameter]
    body: Mapping[str, Any] | None
    body_is_required: bool
    answers: Mapping[str, Answer]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """`operations` go by method and path with its placeholders' names left out.

    `prefix` is the number of the version that every path begins with, if they all do.
    """

    operations: Mapping[Key, Operation]
    prefix: str
    views: Views


def contract_of(document: Mapping[str, Any]) -> Contract:
    """Read an OpenAPI 3.0, 3.1 or 3.2 or a Swagger 2.0 document."""
    stated = dict(document)
    shown = as_openapi(stated) if "swagger" in stated else stated
    resolver = Resolver(shown)
    reader = _Reader(resolver, shown.get("security"))
    taken: set[str] = set()
    found: list[Operation] = []
    for method, path, item, operation, _ in routes_of(shown, resolver):
        operation_id = _text(operation.get("operationId"))
        slug = operation_slug(operation_id, method=method, path=path, taken=taken)
        taken.add(slug)
        found.append(reader.read(slug, method, path, item, operation))
    prefixes = {match[0] if (match := _PREFIX.match(one.path)) else "" for one in found}
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    operations: dict[Key, Operation] = {}
    for one in found:
        key = one.method, _PLACEHOLDER.sub("{}", one.path.removeprefix(prefix))
        operations.setdefault(key, one)
    return Contract(operations, prefix, Views(resolver))


@dataclass(frozen=True, slots=True)
class _Reader:
    resolver: Resolver
    security: Any

    def read(
        self, slug: str, method: str, path: str, item: dict[str, Any], operation: dict[str, Any]
    ) -> Operation:
        body = self.resolver.mapping(operation.get("requestBody"))
        return Operation(
            method=method,
            path=path,
            slug=slug,
            operation_id=_text(operation.get("operationId")),
            is_deprecated=operation.get("deprecated") is True,
            words=spoken(operation.get("summary"), operation.get("description")),
            parameters=dict(self._parameters(path, item, operation)),
            body=self._schemas(body) if body else None,
            body_is_required=body.get("required") is True,
            answers=dict(self._answers(operation)),
            ways=tuple(dict.fromkeys(self._ways(operation))),
        )

    def _parameters(
        self, path: str, item: dict[str, Any], operation: dict[str, Any]
    ) -> Iterator[tuple[Key, Parameter]]:
        positions = {name: str(at) for at, name in enumerate(_PLACEHOLDER.findall(path))}
        shared, own = _list(item.get("parameters")), _list(operation.get("parameters"))
        for stated in [*shared, *own]:
            found = self.resolver.mapping(stated)
            name, place = _text(found.get("name")), _text(found.get("in"))
            if not name or not place:
                continue
            key = positions.get(name, name) if place == "path" else name
            schema = found.get("schema")
            if schema is None:
                schema = next(iter(self._schemas(found).values()), {})
            yield (
                (place, key.lower() if place == "header" else key),
                Parameter(
                    name=name,
                    place=place,
                    is_required=place == "path" or found.get("required") is True,
                    is_deprecated=found.get("deprecated") is True,
                    schema=schema,
                    words=spoken(found.get("description")),
                ),
            )

    def _answers(self, operation: dict[str, Any]) -> Iterator[tuple[str, Answer]]:
        stated = operation.get("responses")
        for status, response in islice(_object(stated).items(), MAX_READ):
            if status.startswith("x-"):
                continue
            found = self.resolver.mapping(response)
            headers = islice(_object(found.get("headers")), MAX_READ)
            yield (
                status.upper(),
                Answer(
                    schemas=self._schemas(found),
                    headers={name.lower(): name for name in headers},
                    words=spoken(found.get("description")),
                ),
            )

    def _schemas(self, body: dict[str, Any]) -> dict[str, Any]:
        schemas: dict[str, Any] = {}
        for kind, media in islice(_object(body.get("content")).items(), MAX_READ):
            found = self.resolver.mapping(media)
            schema = found.get("schema")
            if schema is None and "itemSchema" in found:  # OpenAPI 3.2: a stream of items
                schema = {"type": "array", "items": found["itemSchema"]}
            schemas["".join(kind.lower().split())] = schema if schema is not None else {}
        return schemas

    def _ways(self, operation: dict[str, Any]) -> Iterator[Way]:
        components = self.resolver.mapping(self.resolver.document.get("components"))
        schemes = self.resolver.mapping(components.get("securitySchemes"))
        for way in _list(operation.get("security", self.security)):
            kinds: list[str] = []
            scopes: set[str] = set()
            for name, asked in islice(_object(way).items(), MAX_READ):
                scheme = self.resolver.mapping(schemes.get(name))
                kinds.append(_kind_of(scheme))
                if scheme.get("type") in {"oauth2", "openIdConnect"}:
                    scopes.update(one for one in _list(asked) if isinstance(one, str))
            yield tuple(sorted(kinds)), frozenset(scopes)


def _kind_of(scheme: dict[str, Any]) -> str:
    """Name what is shown to get in; what the scheme itself is called does not matter."""
    kind = _text(scheme.get("type"))
    match kind:
        case "oauth2" | "openIdConnect":
            return "a token of OAuth"
        case "apiKey":
            return f"the key {_text(scheme.get('name'))} in the {_text(scheme.get('in'))}"
        case "http":
            return f"HTTP {_text(scheme.get('scheme')).lower()}"
        case "mutualTLS":
            return "a client certificate"
    return kind or "a token of an unknown kind"


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value[:MAX_READ] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
