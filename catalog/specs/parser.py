"""From a document to what the portal shows of it. Pure: nothing is opened or stored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from catalog.rules.rulebook import Found
from catalog.scopes.depths import DEPTHS
from catalog.specs.examples import Examples
from catalog.specs.fields import FieldReader, ParsedField
from catalog.specs.markdown import cut, first_sentence, to_html, to_text
from catalog.specs.naming import api_slug, host_of, operation_slug, slugify, version_label
from catalog.specs.operations import OperationReader, ParsedOperation
from catalog.specs.parts import ParsedPart
from catalog.specs.resolver import Resolver
from catalog.specs.shapes import Shapes
from catalog.specs.swagger import METHODS, as_openapi
from catalog.specs.tags import Tags
from catalog.specs.yaml_reader import escaped
from portal.errors import Refused

__all__ = ["ParsedApi", "ParsedField", "ParsedOperation", "parse"]

# Which partners are named, no document can say.
AUDIENCES = ("public", "partner", "internal")
MAX_OPERATIONS = 5000
# What is read into the catalog from one document: rows of fields, and characters of all the rest.
MAX_FIELDS = 300_000
MAX_CHARACTERS = 100_000_000
MAX_ADDITIONAL = 20
MAX_PATH = 500
MAX_SERVERS = 10


class TooMuch(Refused):
    code = "too_many_nodes"


@dataclass(frozen=True, slots=True)
class ParsedApi:
    """A description, ready to be stored: every text fits its column, every list has an end."""

    slug: str
    label: str
    number: str
    title: str
    summary: str
    description_html: str
    sector: str
    servers: tuple[dict[str, str], ...]
    operations: tuple[ParsedOperation, ...]
    vocabulary: Mapping[str, Any] | None
    findings: tuple[Found, ...]
    # Of another kind than REST: what it is made of instead of operations.
    kind: str = "rest"
    parts: tuple[ParsedPart, ...] = ()
    # Whom a new API is for, as `catalog.apis.audience` spells it; empty where it does not say.
    audience: str = ""

    @property
    def operation_count(self) -> int:
        return len(self.operations) + sum(one.is_call for one in self.parts)


def parse(document: dict[str, Any]) -> ParsedApi:
    """Read an OpenAPI 3.0, 3.1 or 3.2 or a Swagger 2.0 document.

    Raises `TooMuch` where its references come to more than the catalog takes of one document.
    """
    shown = as_openapi(document) if "swagger" in document else document
    info = _object(shown.get("info"))
    portal = shown.get("x-portal")
    portal = portal if isinstance(portal, dict) else None
    title = to_text(_text(info.get("title")), max_length=200) or "API without a title"
    description = _text(info.get("description"))
    number = _text(info.get("version"))
    servers = tuple(_servers(shown))
    host = next((host for server in servers if (host := host_of(server["url"]))), "")
    findings: list[Found] = []
    return ParsedApi(
        slug=slugify(_text((portal or {}).get("slug")), max_length=80)
        or api_slug(title=title, host=host),
        label=version_label(number),
        number=cut(number, 60),
        title=title,
        summary=to_text(_text(info.get("summary")), max_length=300)
        or first_sentence(description, max_length=300),
        description_html=to_html(description, max_length=20_000),
        sector=cut(_text((portal or {}).get("sector")), 60),
        servers=servers,
        operations=tuple(_operations(shown, portal or {}, findings)),
        vocabulary=portal,
        findings=tuple(findings),
        audience=audience if (audience := _text(info.get("x-audience"))) in AUDIENCES else "",
    )


def _operations(
    document: dict[str, Any], portal: dict[str, Any], findings: list[Found]
) -> Iterator[ParsedOperation]:
    resolver = Resolver(document)
    shapes = Shapes(resolver)
    clusters = {
        entry["code"]: DEPTHS[entry["depth"]]
        for entry in _entries(portal.get("clusters"))
        if isinstance(entry.get("code"), str) and _text(entry.get("depth")) in DEPTHS
    }
    scope_of = {
        entry["cluster"]: entry["name"]
        for entry in reversed(_entries(portal.get("scopes")))
        if isinstance(entry.get("cluster"), str) and isinstance(entry.get("name"), str)
    }
    depth_of = {
        entry["name"]: clusters.get(_text(entry.get("cluster")), 1)
        for entry in _entries(portal.get("scopes"))
        if isinstance(entry.get("name"), str)
    }
    reader = OperationReader(
        resolver=resolver,
        fields=FieldReader(shapes, cluster_depths=clusters),
        examples=Examples(shapes),
        scope_of=scope_of,
        depth_of=depth_of,
        security=document.get("security"),
        tags=Tags(document),
    )
    taken: set[str] = set()
    routes: set[tuple[str, str]] = set()
    fields_left, characters_left = MAX_FIELDS, MAX_CHARACTERS
    # Counted before any is read: too many are refused in a moment.
    for method, path, item, operation, pointer in list(routes_of(document, resolver)):
        if len(path) > MAX_PATH or (method, path) in routes:
            continue
        routes.add((method, path))
        operation_id = _text(operation.get("operationId"))
        slug = operation_slug(operation_id, method=method, path=path, taken=taken)
        if slug in taken:
            continue
        taken.add(slug)
        parsed = reader.read(slug, method, path, item, operation)
        fields_left -= len(parsed.fields)
        characters_left -= _characters(parsed)
        if fields_left < 0 or characters_left < 0:
            raise TooMuch("The document becomes too large when its references are written out.")
        if parsed.is_cut:
            findings.append(Found("fields-cut", pointer, "Only the first fields are shown."))
        yield parsed


Route = tuple[str, str, dict[str, Any], dict[str, Any], str]


def routes_of(document: dict[str, Any], resolver: Resolver) -> Iterator[Route]:
    """Yield method, path, path item, operation and pointer, in the order of the document.

    Raises `TooMuch` beyond `MAX_OPERATIONS`; a path counts as one, whatever it holds.
    """
    count = 0
    for path, stated in _object(document.get("paths")).items():
        if path.startswith("x-"):
            continue
        item = resolver.mapping(stated)
        found = list(_operations_of(item))
        count += max(1, len(found))
        if count > MAX_OPERATIONS:
            raise TooMuch(
                f"The document describes more than {MAX_OPERATIONS:,} operations.",
                code="too_many_operations",
            )
        at = f"/paths/{escaped(path)}"
        for method, place, operation in found:
            yield method, path, item, resolver.mapping(operation), f"{at}/{place}"


def _operations_of(item: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    # A path item that many paths refer to may be endless; its words are few.
    words = item if len(item) < 100 else METHODS
    for word in words:
        if word in METHODS and isinstance(item.get(word), dict):
            yield word.upper(), word, item[word]
    # OpenAPI 3.2: methods that have no word of their own.
    additional = _object(item.get("additionalOperations"))
    for method, operation in islice(additional.items(), MAX_ADDITIONAL):
        if isinstance(operation, dict) and method.isalpha() and len(method) <= 8:
            yield method.upper(), f"additionalOperations/{escaped(method)}", operation


def _characters(parsed: ParsedOperation) -> int:
    kept = (parsed.parameters, parsed.request_body, parsed.responses, parsed.examples)
    limits = sum(len(str(row.constraints)) for row in parsed.fields if row.constraints)
    return len(json.dumps(kept, ensure_ascii=False)) + len(parsed.description_html) + limits


def _servers(document: dict[str, Any]) -> Iterator[dict[str, str]]:
    for server in _entries(document.get("servers"))[:MAX_SERVERS]:
        url = _text(server.get("url"))
        for name, variable in _object(server.get("variables")).items():
            url = url.replace(f"{{{name}}}", str(_object(variable).get("default", "")))
        if url and (url.startswith(("https://", "http://", "/")) or ":" not in url):
            description = to_text(_text(server.get("description")), max_length=200)
            yield {"url": cut(url, 500), "description": description}


def _entries(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""
