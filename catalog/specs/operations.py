"""One operation: what it takes, what it answers, what it needs and what it reveals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from catalog.specs.constraints import constraints_of, telling
from catalog.specs.examples import Examples
from catalog.specs.fields import FieldReader, ParsedField, illustrated
from catalog.specs.markdown import cut, first_sentence, to_html, to_text
from catalog.specs.resolver import MAX_READ, Resolver
from catalog.specs.tags import Tags

MAX_PARAMETERS = 60
MAX_RESPONSES = 20
MAX_REQUEST_FIELDS = 100
MAX_SCOPES = 40
MAX_SCOPE_LENGTH = 80
MAX_MEDIA_TYPES = 20
_JSON_KIND = re.compile(r"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-./]+")


@dataclass(frozen=True, slots=True)
class ParsedOperation:
    slug: str
    operation_id: str
    method: str
    path: str
    summary: str
    description_html: str
    tag: str
    is_deprecated: bool
    depth: int
    scopes: tuple[str, ...]
    security: tuple[str, ...]
    parameters: tuple[dict[str, Any], ...]
    request_body: dict[str, Any]
    responses: tuple[dict[str, Any], ...]
    examples: dict[str, Any]
    fields: tuple[ParsedField, ...]
    field_scopes: tuple[str, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class OperationReader:
    """`scope_of` names the scope that opens a cluster; `security` is the document's own.

    `depth_of` is how deep a scope's cluster goes: the depth of an operation that answers nothing.
    """

    resolver: Resolver
    fields: FieldReader
    examples: Examples
    scope_of: Mapping[str, str]
    depth_of: Mapping[str, int]
    security: Any
    tags: Tags

    def read(
        self, slug: str, method: str, path: str, item: dict[str, Any], operation: dict[str, Any]
    ) -> ParsedOperation:
        parameters = list(self._parameters(item, operation))
        request_body, asked = self._request_body(operation)
        responses = list(self._responses(operation))
        schema, example = self._success(operation)
        found, is_cut = self.fields.read(schema)
        scopes, kinds = self._security(operation)
        operation_id = _text(operation.get("operationId"))
        description = _text(operation.get("description"))
        depths = [row.revealed.depth or 1 for row in (*found, *asked)]
        if not found:
            depths += [self.depth_of.get(scope, 1) for scope in scopes]
        return ParsedOperation(
            slug=slug,
            operation_id=cut(operation_id, 200),
            method=method,
            path=path,
            summary=to_text(_text(operation.get("summary")), max_length=200)
            or first_sentence(description, max_length=200)
            or _spoken(operation_id)
            or cut(f"{method} {path}", 200),
            description_html=to_html(description),
            tag=self.tags.group_of(operation),
            is_deprecated=operation.get("deprecated") is True,
            depth=max(depths, default=1),
            scopes=scopes,
            security=kinds,
            parameters=tuple(parameters),
            request_body=request_body,
            responses=tuple(responses),
            examples=_known(
                response=example,
                request=request_body.get("example"),
                path={one["name"]: one["example"] for one in parameters if one["in"] == "path"},
            ),
            fields=tuple(illustrated(found, example)),
            field_scopes=tuple(self.scope_of.get(row.revealed.cluster, "") for row in found),
            is_cut=is_cut,
        )

    def _parameters(
        self, item: dict[str, Any], operation: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        merged: dict[tuple[str, str], dict[str, Any]] = {}
        shared, own = _list(item.get("parameters")), _list(operation.get("parameters"))
        for stated in [*shared[:MAX_READ], *own[:MAX_READ]]:
            parameter = self.resolver.mapping(stated)
            name, place = _text(parameter.get("name")), _text(parameter.get("in"))
            if name and place:
                merged[name, place] = parameter
        for (name, place), parameter in list(merged.items())[:MAX_PARAMETERS]:
            schema = parameter.get("schema")
            if schema is None:
                schema = next((one.get("schema") for _, one in self._content(parameter)), {})
            example = self.examples.of_media(parameter, schema, max_bytes=200)
            yield {
                "name": cut(name, 120),
                "in": cut(place, 12),
                "type": self.fields.shapes.type_of(schema),
                "constraints": constraints_of(self.fields.shapes.of(schema)),
                "required": place == "path" or parameter.get("required") is True,
                "description_html": to_html(_text(parameter.get("description")), max_length=600),
                "example": example,
                "such_as": telling(example),
            }

    def _request_body(
        self, operation: dict[str, Any]
    ) -> tuple[dict[str, Any], tuple[ParsedField, ...]]:
        body = self.resolver.mapping(operation.get("requestBody"))
        kind, media = self._preferred(body)
        if not kind:
            return {}, ()
        schema = _schema_of(media)
        rows, _ = self.fields.read(schema, limit=MAX_REQUEST_FIELDS)
        example = self.examples.of_media(media, schema, max_bytes=6000)
        shown = [
            {
                "name": row.name,
                "type": row.type,
                "nesting": row.nesting,
                "required": row.is_required,
                "description": row.description,
                "constraints": row.constraints,
                "such_as": row.example,
            }
            for row in illustrated(rows, example)
        ]
        return {
            "required": body.get("required") is True,
            "content_type": cut(kind, 120),
            "fields": shown,
            "example": example,
        }, tuple(rows)

    def _responses(self, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
        stated = operation.get("responses")
        shown = islice(stated.items(), MAX_RESPONSES) if isinstance(stated, dict) else ()
        for status, response in shown:
            if status.startswith("x-"):
                continue
            body = self.resolver.mapping(response)
            kind, media = self._preferred(body)
            description = _text(body.get("description")) or _text(body.get("summary"))
            example = None
            if kind and not _is_success(status):
                example = self.examples.of_media(media, _schema_of(media), max_bytes=1000)
            yield {
                "status": cut(status, 12),
                "description_html": to_html(description, max_length=1000),
                "content_type": cut(kind, 120),
                "example": example,
                "reasons": self.examples.reasons_of(media) if kind else [],
            }

    def _success(self, operation: dict[str, Any]) -> tuple[Any, Any]:
        """Return the schema and the example of the answer that tells of success, JSON first."""
        stated = operation.get("responses")
        answers = stated if isinstance(stated, dict) else {}
        read = islice(answers, MAX_READ)
        statuses = [*sorted(status for status in read if _is_success(status)), "default"]
        for status in statuses:
            kind, media = self._preferred(self.resolver.mapping(answers.get(status)))
            if _JSON_KIND.match(kind) or kind == "*/*" or "itemSchema" in media:
                schema = _schema_of(media)
                return schema, self.examples.of_media(media, schema)
        return None, None

    def _security(self, operation: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the scopes of the first way in that has any, and the kinds of all ways in."""
        components = self.resolver.mapping(self.resolver.document.get("components"))
        schemes = self.resolver.mapping(components.get("securitySchemes"))
        scopes: list[str] = []
        kinds: list[str] = []
        for way in _list(operation.get("security", self.security))[:MAX_READ]:
            asked: list[str] = []
            for name, names in islice(way.items(), MAX_READ) if isinstance(way, dict) else ():
                scheme = schemes.get(name) or ({"$ref": name} if "#" in name else None)
                kind = _text(self.resolver.mapping(scheme).get("type"))
                kinds.append(cut(kind, 40) or "unknown")
                if kind in {"oauth2", "openIdConnect"}:
                    named = _list(names)[:MAX_READ]
                    # A name that is cut is nobody's scope, so that nothing opens by it.
                    asked += [cut(one, MAX_SCOPE_LENGTH) for one in named if _text(one)]
            if way == {}:
                kinds.append("none")
            scopes = scopes or asked
        return tuple(dict.fromkeys(scopes))[:MAX_SCOPES], tuple(dict.fromkeys(kinds))

    def _preferred(self, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        content = list(self._content(body))
        for kind, media in content:
            if _JSON_KIND.match(kind):
                return kind, media
        return content[0] if content else ("", {})

    def _content(self, body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        content = body.get("content")
        media_types = content.items() if isinstance(content, dict) else ()
        for kind, media in islice(media_types, MAX_MEDIA_TYPES):
            yield kind, self.resolver.mapping(media)


def _schema_of(media: dict[str, Any]) -> Any:
    if "schema" not in media and "itemSchema" in media:  # OpenAPI 3.2: a stream of items
        return {"type": "array", "items": media["itemSchema"]}
    return media.get("schema")


def _is_success(status: str) -> bool:
    return status.startswith("2")


def _spoken(operation_id: str) -> str:
    words = _CAMEL.sub(" ", operation_id).split()
    return cut(" ".join(words).lower().capitalize(), 200)


def _known(**examples: Any) -> dict[str, Any]:
    return {name: value for name, value in examples.items() if value not in (None, {})}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
