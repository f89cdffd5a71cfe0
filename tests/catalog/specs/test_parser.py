"""From a document to what the portal shows."""

from __future__ import annotations

import json

import pytest

from catalog.specs.fields import MAX_CLUSTERED_FIELDS, MAX_FIELDS
from catalog.specs.parser import parse
from tests.catalog.specs.documents import answering, api, operation


def only(document):
    (found,) = parse(document).operations
    return found


def test_an_api_has_an_address_a_version_and_words():
    parsed = parse(api())

    assert (parsed.slug, parsed.label, parsed.number) == ("people", "v1", "1.2.0")
    assert (parsed.title, parsed.summary, parsed.sector) == ("People", "Who lives where.", "Health")
    assert parsed.description_html == "<p>Who lives where.</p>"
    assert parsed.servers[0]["url"] == "https://api.meridian.example/people/v1"
    assert not parsed.findings


def test_an_operation_keeps_its_id_as_its_address():
    found = only(api())

    assert (found.slug, found.method, found.path) == ("getPerson", "GET", "/people/{person_id}")
    assert (found.tag, found.scopes, found.security) == ("People", ("people:read",), ("oauth2",))
    assert found.examples["path"] == {"person_id": "p_1"}
    assert [one["status"] for one in found.responses] == ["200", "401", "404", "429"]


def test_fields_inherit_what_their_parent_reveals():
    rows = {row.pointer: row for row in only(api()).fields}

    assert list(rows) == [
        "/name",
        "/born_on",
        "/notes",
        "/notes/*/text",
        "/notes/*/tone",
        "/friend",
        "/tags",
    ]
    assert {row.revealed.cluster for row in rows.values()} == {"delivery-area", "notes"}
    assert rows["/name"].revealed.depth == 3
    assert rows["/born_on"].revealed.depth == 4
    assert rows["/born_on"].revealed.cluster == "delivery-area"
    text = rows["/notes/*/text"]
    assert (text.revealed.cluster, text.revealed.depth, text.revealed.retention_days) == (
        "notes",
        4,
        7,
    )
    assert rows["/notes"].revealed.cluster == "delivery-area"
    assert only(api()).depth == 4


def test_an_operation_that_answers_nothing_is_as_deep_as_what_its_scope_opens():
    gone = operation(responses={"204": {"description": "Gone."}})

    assert only(api(paths={"/people": {"delete": gone}})).depth == 3


def test_an_operation_without_an_answer_and_a_scope_is_public():
    gone = operation(responses={"204": {"description": "Gone."}}, security=[])

    assert only(api(paths={"/people": {"delete": gone}})).depth == 1


def test_a_field_knows_its_type_its_place_and_whether_it_holds_others():
    rows = {row.pointer: row for row in only(api()).fields}

    assert rows["/name"].is_required
    assert rows["/name"].description == "As on the label."
    assert rows["/born_on"].type == "date"
    assert (rows["/notes"].type, rows["/notes"].is_leaf) == ("array of object", False)
    assert rows["/notes/*/tone"].type == "enum"
    assert rows["/notes/*/tone"].constraints == {"enum": ["calm", "loud"]}
    assert rows["/notes/*/tone"].nesting == 1
    assert rows["/friend"].is_leaf  # The circle ends where it would begin again.
    assert rows["/tags"].type == "array of string"


def test_the_scope_that_opens_a_field_is_named():
    found = only(api())
    scopes = dict(zip([row.pointer for row in found.fields], found.field_scopes, strict=True))

    assert scopes["/name"] == "people:read"
    assert scopes["/notes/*/text"] == ""


@pytest.mark.parametrize(
    ("schema", "pointers"),
    [
        ({"type": "array", "items": {"properties": {"a": {}}}}, ["/*/a"]),
        ({"type": "array", "items": {"type": "string"}}, ["/*"]),
        ({"properties": {"a/b": {}, "c~d": {}}}, ["/a~1b", "/c~0d"]),
        ({"properties": {"m": {"additionalProperties": {"type": "string"}}}}, ["/m", "/m/*"]),
        ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, ["/a", "/b"]),
        ({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, ["/a", "/b"]),
        ({"type": "string"}, []),
        (True, []),
        (None, []),
        ("nonsense", []),
    ],
)
def test_rows_follow_the_shape_of_the_answer(schema, pointers):
    assert [row.pointer for row in only(answering(schema)).fields] == pointers


def test_a_chain_of_references_as_long_as_the_document_is_followed_without_recursion():
    chain = {f"S{n}": {"$ref": f"#/components/schemas/S{n + 1}"} for n in range(5000)}

    assert only(answering({"$ref": "#/components/schemas/S0"}, **chain)).fields == ()


def test_circles_of_every_kind_end():
    document = answering(
        {"$ref": "#/components/schemas/A"},
        A={"$ref": "#/components/schemas/B"},
        B={"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/C"}]},
        C={
            "properties": {
                "list": {"type": "array", "items": {"$ref": "#/components/schemas/C"}},
                "self": {"allOf": [{"$ref": "#/components/schemas/C"}]},
            }
        },
    )

    found = only(document)

    assert len(found.fields) <= 12
    json.dumps(found.examples)


def test_what_is_endless_is_cut_and_said():
    wide = {"properties": {f"f{n}": {"type": "string"} for n in range(MAX_FIELDS + 50)}}

    parsed = parse({**answering(wide), "x-portal": None})

    assert len(parsed.operations[0].fields) == MAX_FIELDS
    assert [found.rule for found in parsed.findings] == ["fields-cut"]


def test_a_tree_that_doubles_at_every_level_stays_small():
    schemas = {
        f"S{n}": {
            "properties": {side: {"$ref": f"#/components/schemas/S{n + 1}"} for side in "abcdef"}
        }
        for n in range(40)
    }

    found = only(answering({"$ref": "#/components/schemas/S0"}, **schemas))

    assert len(found.fields) <= MAX_CLUSTERED_FIELDS
    assert len(json.dumps(found.examples)) < 20_000


def test_a_missing_or_a_repeated_operation_id_gets_a_stable_address():
    paths = {
        "/a": {"get": operation(), "put": operation(operationId="")},
        "/a/{+name}:move": {"post": operation(operationId=None), "get": operation()},
        "/b b": {"get": operation(operationId="Get all the things, please!")},
    }

    slugs = [found.slug for found in parse(api(paths=paths)).operations]

    assert slugs == [
        "getPerson",
        "put-a",
        "post-a-name-move",
        "get-a-name-move",
        "get-all-the-things-please",
    ]


def test_parameters_of_the_path_are_shared_and_overruled():
    shared = [
        {"name": "page", "in": "query", "schema": {"type": "integer"}},
        {"name": "who", "in": "query", "schema": {"type": "string"}},
    ]
    own = [{"name": "page", "in": "query", "schema": {"type": "string", "enum": ["a"]}}]
    paths = {"/a": {"parameters": shared, "get": operation(parameters=own)}}

    (found,) = parse(api(paths=paths)).operations

    assert [(one["name"], one["type"]) for one in found.parameters] == [
        ("page", "enum"),
        ("who", "string"),
    ]


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ({"schema": {"type": "integer"}}, 1),
        ({"schema": {"type": "integer"}, "example": 7}, 7),
        ({"schema": {}, "examples": {"one": {"value": {"a": 1}}}}, {"a": 1}),
        ({"schema": {}, "examples": {"one": {"dataValue": {"a": 2}}}}, {"a": 2}),
        ({"schema": {"type": "string", "default": "d"}}, "d"),
        ({"schema": {"enum": ["x", "y"]}}, "x"),
        ({"schema": {"type": ["null", "string"], "format": "date"}}, "2026-03-14"),
        ({"schema": {"type": "object", "properties": {"n": {"type": "boolean"}}}}, {"n": True}),
    ],
)
def test_an_example_is_the_documents_own_or_made_from_the_schema(media, expected):
    document = answering({})
    path = document["paths"]["/people/{person_id}"]["get"]
    path["responses"]["200"]["content"]["application/json"] = media

    assert only(document).examples["response"] == expected


def test_a_large_example_is_shortened_to_what_a_page_can_hold():
    document = answering({"example": [{"text": "x" * 900, "n": n} for n in range(500)]})

    assert 0 < len(json.dumps(only(document).examples["response"])) <= 8000


def test_the_first_way_in_with_scopes_counts_and_every_kind_is_kept():
    ways = [{}, {"key": []}, {"customer": ["a:read", "b:read"]}, {"customer": ["c:read"]}]

    found = only(api(paths={"/a": {"get": operation(security=ways)}}))

    assert found.scopes == ("a:read", "b:read")
    assert found.security == ("none", "apiKey", "oauth2")


def test_swagger_is_read_in_the_same_words():
    parsed = parse(
        {
            "swagger": "2.0",
            "info": {"title": "Old things", "version": "1.0.1"},
            "host": "things.meridian.example",
            "basePath": "/v1",
            "schemes": ["https"],
            "securityDefinitions": {
                "auth": {
                    "type": "oauth2",
                    "flow": "accessCode",
                    "authorizationUrl": "https://things.meridian.example/authorize",
                    "tokenUrl": "https://things.meridian.example/token",
                    "scopes": {"things:write": "Change things"},
                }
            },
            "parameters": {"Page": {"name": "page", "in": "query", "type": "integer"}},
            "responses": {"Thing": {"description": "It.", "schema": {"$ref": "#/definitions/T"}}},
            "definitions": {"T": {"type": "object", "properties": {"id": {"type": "string"}}}},
            "paths": {
                "/things": {
                    "parameters": [{"$ref": "#/parameters/Page"}],
                    "post": {
                        "operationId": "addThing",
                        "security": [{"auth": ["things:write"]}],
                        "parameters": [
                            {
                                "name": "thing",
                                "in": "body",
                                "required": True,
                                "schema": {"$ref": "#/definitions/T"},
                            }
                        ],
                        "responses": {"201": {"$ref": "#/responses/Thing"}},
                    },
                    "put": {
                        "operationId": "uploadThing",
                        "consumes": ["multipart/form-data"],
                        "parameters": [{"name": "file", "in": "formData", "type": "file"}],
                        "responses": {
                            "200": {"description": "", "examples": {"application/json": {"a": 1}}}
                        },
                    },
                }
            },
        }
    )

    add, upload = parsed.operations
    assert parsed.servers == ({"url": "https://things.meridian.example/v1", "description": ""},)
    assert [row.pointer for row in add.fields] == ["/id"]
    assert add.scopes == ("things:write",)
    assert add.request_body["required"]
    assert [row["name"] for row in add.request_body["fields"]] == ["id"]
    assert [one["name"] for one in add.parameters] == ["page"]
    assert upload.request_body["content_type"] == "multipart/form-data"
    assert upload.request_body["fields"][0]["name"] == "file"
    assert upload.examples["response"] == {"a": 1}


def test_the_methods_of_openapi_3_2_are_operations():
    paths = {
        "/a": {
            "query": operation(operationId="search"),
            "additionalOperations": {"COPY": operation(operationId="copy"), "no-no": {}},
        }
    }

    found = parse(api(openapi="3.2.0", paths=paths)).operations

    assert [(one.method, one.slug) for one in found] == [("QUERY", "search"), ("COPY", "copy")]
