"""A document as the checks read it: operations, parameters and answers, looked up once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from catalog.rules.rulebook import Found
from catalog.specs.loader import Trail, steps_up, walk
from catalog.specs.markdown import cut
from catalog.specs.parser import ParsedApi, ParsedField, routes_of
from catalog.specs.resolver import MAX_READ, Resolver
from catalog.specs.shapes import Shapes
from catalog.specs.yaml_reader import escaped

READING = frozenset({"GET", "HEAD", "QUERY"})
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
EXAMPLES = frozenset({"example", "examples"})
MAX_PROPERTIES = 200_000


@dataclass(frozen=True, slots=True)
class Stated:
    """One operation as the document states it; `fields` are the rows of its successful answer."""

    method: str
    path: str
    body: Mapping[str, Any]
    pointer: str
    parameters: tuple[tuple[str, Mapping[str, Any]], ...]
    responses: Mapping[str, Any]
    security: Any
    scopes: tuple[str, ...]
    fields: tuple[ParsedField, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {cut(self.path, 120)}"

    @property
    def is_open(self) -> bool:
        """Say whether the operation is declared to be for everybody, or to be so at times."""
        return self.security == [] or (isinstance(self.security, list) and {} in self.security)

    @property
    def is_protected(self) -> bool:
        return bool(self.security) and not self.is_open

    @property
    def aggregate_of(self) -> Any:
        return self.body.get("x-aggregate-of")

    def breach(self, rule: str, message: str, at: str = "") -> Found:
        return Found(rule, f"{self.pointer}{at}", f"{self.name} {message}")


class Normal:
    def __init__(self, document: dict[str, Any], parsed: ParsedApi) -> None:
        self.document = document
        self.parsed = parsed
        self.resolver = Resolver(document)
        self.shapes = Shapes(self.resolver)

    @cached_property
    def operations(self) -> tuple[Stated, ...]:
        return tuple(self._operations())

    @cached_property
    def schemes(self) -> Mapping[str, Mapping[str, Any]]:
        components = self.resolver.mapping(self.document.get("components"))
        stated = mapping(components.get("securitySchemes"))
        return {
            str(name): self.resolver.mapping(scheme)
            for name, scheme in islice(stated.items(), MAX_READ)
        }

    @cached_property
    def portal(self) -> Mapping[str, Any]:
        return mapping(self.document.get("x-portal"))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        stated = mapping(self.document.get("paths"))
        return tuple(path for path in stated if path.startswith("/") and len(path) <= 500)

    def scheme_at(self, name: str) -> str:
        """Return the pointer of a security scheme, which Swagger keeps elsewhere."""
        is_swagger = "swagger" in self.document
        at = "/securityDefinitions" if is_swagger else "/components/securitySchemes"
        return f"{at}/{escaped(name)}"

    def properties(self) -> Iterator[tuple[Trail, str]]:
        """Yield the trail and the name of each property of each schema, up to a cap."""
        left = MAX_PROPERTIES
        for node, trail in walk(self.document):
            if not (isinstance(node, dict) and trail is not None and trail[1] == "properties"):
                continue
            # A property that is itself named so is a schema, not the list of them.
            if trail[0] is None or trail[0][1] == "properties" or is_example(trail):
                continue
            for name in node:
                left -= 1
                if not left:
                    return
                yield (trail, name), name

    def _operations(self) -> Iterator[Stated]:
        parsed = {(one.method, one.path): one for one in self.parsed.operations}
        default = self.document.get("security")
        for method, path, item, body, pointer in routes_of(self.document, self.resolver):
            known = parsed.get((method, path))
            yield Stated(
                method=method,
                path=path,
                body=body,
                pointer=pointer,
                parameters=tuple(self._parameters(path, item, body, pointer)),
                responses=dict(islice(mapping(body.get("responses")).items(), MAX_READ)),
                security=body.get("security", default),
                scopes=known.scopes if known else (),
                fields=known.fields if known else (),
            )

    def _parameters(
        self, path: str, item: dict[str, Any], body: dict[str, Any], pointer: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for stated, at in (
            (item.get("parameters"), f"/paths/{escaped(path)}"),
            (body.get("parameters"), pointer),
        ):
            for index, one in enumerate(items(stated)):
                yield f"{at}/parameters/{index}", self.resolver.mapping(one)


def path_pointer(path: str) -> str:
    return f"/paths/{escaped(path)}"


def is_example(trail: Trail) -> bool:
    return any(
        isinstance(step, str) and (step in EXAMPLES or step.startswith("x-"))
        for step in steps_up(trail)
    )


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    return value[:MAX_READ] if isinstance(value, list) else []


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""
