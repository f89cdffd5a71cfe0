"""For each rule a document and what became of it: small, and of our own."""

from __future__ import annotations

from typing import Any

OAUTH = {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {}}}}
SCHEMES = {"customer": OAUTH, "key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
Document = dict[str, Any]


def document(paths: Document, **parts: Any) -> Document:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parcels", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": SCHEMES, "schemas": parts.pop("schemas", {})},
        **parts,
    }


def one(method: str = "get", path: str = "/parcels/{id}", **operation: Any) -> Document:
    given = {"operationId": "getParcel", "responses": {"200": {"description": "Yes."}}, **operation}
    return document({path: {method: given}})


def given(*parameters: Document, **operation: Any) -> Document:
    return one(parameters=list(parameters), **operation)


def query(name: str = "limit", **parts: Any) -> Document:
    return {"name": name, "in": "query", "schema": {"type": "integer"}, **parts}


def sent(schema: Any = None, *, kind: str = "application/json", **body: Any) -> Document:
    """Return a document whose operation reads a body of that schema."""
    content = {kind: {"schema": schema or {"type": "object"}}}
    return one("post", requestBody={"content": content, **body})


def told(schema: Any = None, *, kind: str = "application/json", status: str = "200") -> Document:
    """Return a document whose operation answers with that schema."""
    answer = {"description": "Yes.", "content": {kind: {"schema": schema or {"type": "object"}}}}
    return one(responses={status: answer})


def holding(required: tuple[str, ...] = (), **fields: Any) -> Document:
    return {"type": "object", "properties": fields, "required": list(required)}


def headed(*names: str) -> Document:
    headers = {name: {"schema": {"type": "string"}} for name in names}
    return one(responses={"200": {"description": "Yes.", "headers": headers}})


def guarded(*ways: dict[str, list[str]]) -> Document:
    return one(security=list(ways))


TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
SHOP = {"operationId": "listShops", "responses": {"200": {"description": "Yes."}}}
PARCEL = one()["paths"]["/parcels/{id}"]["get"]
BOTH = document({"/parcels/{id}": {"get": PARCEL}, "/shops": {"get": SHOP}})
COLOUR = {"type": "string", "enum": ["red", "blue"]}
COLOURS = {"type": "string", "enum": ["red", "blue", "green"]}
OR_NULL = {"type": ["string", "null"]}
SHORT, LONG = {"type": "string", "maxLength": 10}, {"type": "string", "maxLength": 20}
READ, WRITE = {"customer": ["parcels:read"]}, {"customer": ["parcels:read", "parcels:write"]}


def kept(**words: Any) -> Document:
    return told(holding(name={"type": "string", **words}))


# Each changes in the one way that the rule is about, and in no other.
PAIRS: dict[str, tuple[Document, Document]] = {
    "operation-removed": (BOTH, one()),
    "parameter-removed": (given(query()), given()),
    "parameter-added-required": (given(), given(query(required=True))),
    "parameter-made-required": (given(query()), given(query(required=True))),
    "body-added": (one("post"), sent(required=True)),
    "body-made-required": (sent(), sent(required=True)),
    "request-field-removed": (sent(holding(a=TEXT, b=TEXT)), sent(holding(a=TEXT))),
    "request-field-added-required": (
        sent(holding(a=TEXT)),
        sent(holding(("b",), a=TEXT, b=TEXT)),
    ),
    "request-field-made-required": (sent(holding(a=TEXT)), sent(holding(("a",), a=TEXT))),
    "request-type-narrowed": (sent(holding(a=NUMBER)), sent(holding(a=WHOLE))),
    "request-enum-narrowed": (sent(holding(a=COLOURS)), sent(holding(a=COLOUR))),
    "request-limit-tightened": (sent(holding(a=LONG)), sent(holding(a=SHORT))),
    "request-null-refused": (sent(holding(a=OR_NULL)), sent(holding(a=TEXT))),
    "request-media-type-removed": (
        one(
            "post",
            requestBody={"content": {"application/json": {}, "application/xml": {}}},
        ),
        one("post", requestBody={"content": {"application/json": {}}}),
    ),
    "response-field-removed": (told(holding(a=TEXT, b=TEXT)), told(holding(a=TEXT))),
    "response-field-made-optional": (told(holding(("a",), a=TEXT)), told(holding(a=TEXT))),
    "response-field-made-nullable": (told(holding(a=TEXT)), told(holding(a=OR_NULL))),
    "response-type-changed": (told(holding(a=WHOLE)), told(holding(a=TEXT))),
    "response-media-type-removed": (
        one(responses={"200": {"content": {"application/json": {}, "text/csv": {}}}}),
        one(responses={"200": {"content": {"application/json": {}}}}),
    ),
    "response-status-removed": (
        one(responses={"200": {}, "202": {}}),
        one(responses={"200": {}}),
    ),
    "security-added": (guarded(), guarded(READ)),
    "security-way-removed": (guarded(READ, {"key": []}), guarded(READ)),
    "scope-added": (guarded(READ), guarded(WRITE)),
    "retention-shortened": (
        kept(**{"x-retention-days": 30}),
        kept(**{"x-retention-days": 7}),
    ),
    "response-enum-widened": (told(holding(a=COLOUR)), told(holding(a=COLOURS))),
    "response-limit-loosened": (told(holding(a=SHORT)), told(holding(a=LONG))),
    "pattern-changed": (
        sent(holding(a={"type": "string", "pattern": "^a"})),
        sent(holding(a={"type": "string", "pattern": "^b"})),
    ),
    "format-changed": (
        told(holding(a={"type": "string", "format": "date"})),
        told(holding(a={"type": "string", "format": "date-time"})),
    ),
    "default-changed": (
        given(query(schema={"type": "integer", "default": 10})),
        given(query(schema={"type": "integer", "default": 20})),
    ),
    "operation-id-changed": (one(), one(operationId="readParcel")),
    "operation-deprecated": (one(), one(deprecated=True)),
    "field-deprecated": (kept(), kept(deprecated=True)),
    "retention-lengthened": (
        kept(**{"x-retention-days": 7}),
        kept(**{"x-retention-days": 30}),
    ),
    "data-class-changed": (
        kept(**{"x-data-class": "internal"}),
        kept(**{"x-data-class": "personal"}),
    ),
    "data-cluster-changed": (
        kept(**{"x-data-cluster": "parcels"}),
        kept(**{"x-data-cluster": "addresses"}),
    ),
    "path-prefix-changed": (one(path="/v1/parcels"), one(path="/v2/parcels")),
    "body-removed": (sent(), one("post")),
    "response-header-removed": (headed("ETag", "X-Count"), headed("ETag")),
    "operation-added": (one(), BOTH),
    "parameter-added": (given(), given(query())),
    "parameter-made-optional": (given(query(required=True)), given(query())),
    "body-added-optional": (one("post"), sent()),
    "body-made-optional": (sent(required=True), sent()),
    "request-field-added": (sent(holding(a=TEXT)), sent(holding(a=TEXT, b=TEXT))),
    "request-field-made-optional": (sent(holding(("a",), a=TEXT)), sent(holding(a=TEXT))),
    "request-type-widened": (sent(holding(a=WHOLE)), sent(holding(a=NUMBER))),
    "request-enum-widened": (sent(holding(a=COLOUR)), sent(holding(a=COLOURS))),
    "request-limit-loosened": (sent(holding(a=SHORT)), sent(holding(a=LONG))),
    "request-null-taken": (sent(holding(a=TEXT)), sent(holding(a=OR_NULL))),
    "request-media-type-added": (
        one("post", requestBody={"content": {"application/json": {}}}),
        one(
            "post",
            requestBody={"content": {"application/json": {}, "application/xml": {}}},
        ),
    ),
    "response-field-added": (told(holding(a=TEXT)), told(holding(a=TEXT, b=TEXT))),
    "response-field-made-required": (told(holding(a=TEXT)), told(holding(("a",), a=TEXT))),
    "response-type-narrowed": (told(holding(a=NUMBER)), told(holding(a=WHOLE))),
    "response-enum-narrowed": (told(holding(a=COLOURS)), told(holding(a=COLOUR))),
    "response-limit-tightened": (told(holding(a=LONG)), told(holding(a=SHORT))),
    "response-null-ended": (told(holding(a=OR_NULL)), told(holding(a=TEXT))),
    "response-media-type-added": (
        one(responses={"200": {"content": {"application/json": {}}}}),
        one(responses={"200": {"content": {"application/json": {}, "text/csv": {}}}}),
    ),
    "response-status-added": (
        one(responses={"200": {}}),
        one(responses={"200": {}, "409": {}}),
    ),
    "response-header-added": (headed("ETag"), headed("ETag", "X-Count")),
    "security-removed": (guarded(READ), guarded()),
    "security-way-added": (guarded(READ), guarded(READ, {"key": []})),
    "scope-removed": (guarded(WRITE), guarded(READ)),
    "no-longer-deprecated": (one(deprecated=True), one()),
    "words-changed": (one(summary="Get it"), one(summary="Get a parcel")),
}
