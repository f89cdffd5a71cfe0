from __future__ import annotations

import copy

import pytest

from catalog.changes.diff.comparing import compare
from catalog.changes.diff.rules import RULES, Level
from tests.catalog.changes.pairs import (
    COLOUR,
    COLOURS,
    LONG,
    PAIRS,
    READ,
    SHORT,
    TEXT,
    WHOLE,
    WRITE,
    document,
    given,
    guarded,
    holding,
    one,
    query,
    sent,
    told,
)


def rules(old, new) -> list[str]:
    return [change.rule for change in compare(old, new).changes]


@pytest.mark.parametrize("code", list(RULES))
def test_each_rule_is_found_in_its_own_pair_and_nothing_else_is(code):
    assert rules(*PAIRS[code]) == [code]


@pytest.mark.parametrize("code", list(RULES))
def test_a_document_does_not_differ_from_itself(code):
    for side in PAIRS[code]:
        assert compare(side, copy.deepcopy(side)).changes == ()


def test_every_rule_has_a_number_of_its_own_and_says_why():
    assert PAIRS.keys() == RULES.keys()
    assert len({rule.number for rule in RULES.values()}) == len(RULES)
    assert all(rule.why.endswith(".") for rule in RULES.values())
    # Numbers are cited elsewhere: the first and the last stay what they are.
    assert RULES["operation-removed"].number == "CH001"
    assert RULES["words-changed"].number == "CH064"


def test_what_breaks_stands_first():
    old = document({"/a": one()["paths"]["/parcels/{id}"]})
    new = document({"/b": one()["paths"]["/parcels/{id}"]})

    assert rules(old, new) == ["operation-removed", "operation-added"]


@pytest.mark.parametrize(
    ("before", "after", "asked", "answered"),
    [
        pytest.param(COLOURS, COLOUR, Level.BREAKING, Level.ADDED, id="fewer values"),
        pytest.param(COLOUR, COLOURS, Level.ADDED, Level.CARE, id="more values"),
        pytest.param(LONG, SHORT, Level.BREAKING, Level.ADDED, id="shorter text"),
        pytest.param(SHORT, LONG, Level.ADDED, Level.CARE, id="longer text"),
        pytest.param(TEXT, {}, Level.ADDED, Level.BREAKING, id="anything"),
        pytest.param({}, TEXT, Level.BREAKING, Level.ADDED, id="no longer anything"),
        pytest.param(WHOLE, {"type": "number"}, Level.ADDED, Level.BREAKING, id="any number"),
    ],
)
def test_direction_decides_what_breaks(before, after, asked, answered):
    request = compare(sent(holding(a=before)), sent(holding(a=after))).changes
    response = compare(told(holding(a=before)), told(holding(a=after))).changes

    assert [change.level for change in request] == [asked]
    assert [change.level for change in response] == [answered]


def test_a_renamed_path_parameter_is_no_change():
    def path(name: str, schema=TEXT):
        return given(
            {"name": name, "in": "path", "required": True, "schema": schema},
            path=f"/parcels/{{{name}}}",
        )

    assert rules(path("id"), path("parcel_id")) == []
    assert rules(path("id"), path("parcel_id", WHOLE)) == ["request-type-narrowed"]


def test_a_named_schema_is_compared_once_for_all_operations_that_reach_it():
    def pet(**fields):
        answer = {
            "200": {
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
            }
        }
        paths = {f"/pets/{n}": {"get": {"operationId": f"p{n}", "responses": answer}} for n in "ab"}
        return document(paths, schemas={"Pet": holding(friend=REF, **fields)})

    REF = {"$ref": "#/components/schemas/Pet"}  # noqa: N806
    found = compare(pet(name=TEXT), pet())

    assert [(change.rule, change.subject, change.touches) for change in found.changes] == [
        ("response-field-removed", "Pet.name", (0, 1))
    ]
    assert [touched.slug for touched in found.operations] == ["pa", "pb"]


def test_schemas_that_go_in_circles_are_safe():
    def circle(kind):
        ring = {"A": {"allOf": [{"$ref": "#/components/schemas/B"}]}}
        ring["B"] = {"anyOf": [{"$ref": "#/components/schemas/A"}, holding(me=kind)]}
        ring["C"] = {"$ref": "#/components/schemas/C"}
        schema = holding(a={"$ref": "#/components/schemas/A"}, c={"$ref": "#/components/schemas/C"})
        return {**told(schema), "components": {"schemas": ring}}

    assert rules(circle(TEXT), circle(WHOLE)) == ["response-type-changed"]


def test_a_schema_that_is_shared_a_million_times_is_walked_once():
    def shared(leaf):
        schema = leaf
        for _ in range(25):
            schema = holding(a=schema, b=schema)
        return told(schema)

    assert rules(shared({"type": "string"}), shared({"type": "integer"})) == [
        "response-type-changed"
    ]


def test_what_is_nested_without_end_is_cut_and_says_so():
    def deep(leaf):
        schema = leaf
        for _ in range(150):
            schema = holding(a=schema)
        return told(schema)

    found = compare(deep(TEXT), deep(WHOLE))

    assert found.is_cut
    assert found.changes == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            told({"$ref": "#/components/schemas/P"}),
            told({"allOf": [{"$ref": "#/components/schemas/P"}]}),
            id="wrapped",
        ),
        pytest.param(
            told({"$ref": "#/components/schemas/P"}),
            told(holding(a=TEXT, b=WHOLE)),
            id="written out",
        ),
        pytest.param(
            told(holding(a=TEXT, b=WHOLE)),
            told({"allOf": [holding(a=TEXT), holding(b=WHOLE)]}),
            id="put together",
        ),
        pytest.param(told(TEXT), told({"type": ["string"]}), id="list of one type"),
        pytest.param(
            sent({"type": "integer", "minimum": 1, "exclusiveMinimum": True}),
            sent({"type": "integer", "exclusiveMinimum": 1}),
            id="bound of 3.0 and of 3.1",
        ),
        pytest.param(
            sent({"type": "string", "nullable": True}),
            sent({"type": ["string", "null"]}),
            id="null of 3.0 and of 3.1",
        ),
        pytest.param(sent({"const": "a"}), sent({"enum": ["a"]}), id="const"),
        pytest.param(
            told(kind="application/json; charset=UTF-8"),
            told(kind="application/json;charset=utf-8"),
            id="media type",
        ),
        pytest.param(told(kind="*/*"), told(kind="application/json"), id="any media type"),
    ],
)
def test_what_is_only_written_otherwise_is_no_change(old, new):
    for side in (old, new):
        side["components"]["schemas"]["P"] = holding(a=TEXT, b=WHOLE)

    assert rules(old, new) == []
    assert rules(new, old) == []


def test_a_swagger_document_and_its_openapi_twin_do_not_differ():
    swagger = {
        "swagger": "2.0",
        "info": {"title": "Parcels", "version": "1"},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {
            "login": {"type": "oauth2", "flow": "application", "scopes": {}, "tokenUrl": "/t"}
        },
        "paths": {
            "/parcels": {
                "post": {
                    "security": [{"login": ["parcels:read"]}],
                    "parameters": [
                        {"name": "limit", "in": "query", "type": "array", "minItems": 1,
                         "uniqueItems": True, "items": {"type": "string"}},
                        {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/P"}},
                    ],
                    "responses": {"200": {"schema": {"$ref": "#/definitions/P"}}},
                }
            }
        },
        "definitions": {"P": holding(("a",), a=SHORT)},
    }  # fmt: skip
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/P"}}}
    twin = {
        **one("post", "/parcels", operationId="", security=[READ], requestBody={"content": content},
              responses={"200": {"content": content}},
              parameters=[query(schema={"type": "array", "minItems": 1, "uniqueItems": True,
                                        "items": TEXT})])
    }  # fmt: skip
    twin["components"]["schemas"] = {"P": holding(("a",), a=SHORT)}

    assert rules(swagger, twin) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([READ, WRITE], [READ], [], id="the narrower way stays"),
        pytest.param([READ], [READ, WRITE], [], id="another way opens"),
        pytest.param([WRITE], [{"customer": ["shops:read"]}],
                     ["scope-added", "scope-removed", "scope-removed"], id="another scope"),
        pytest.param([{}], [READ, {}], [], id="still open"),
        pytest.param([{"key": [], **READ}], [READ],
                     ["security-way-removed", "security-way-added"], id="one of two tokens"),
    ],
)  # fmt: skip
def test_scopes_are_compared_way_by_way(before, after, expected):
    found = rules(guarded(*before), guarded(*after))

    assert [rule for rule in found if rule != "scope-removed" or rule in expected] == expected


def test_what_only_the_api_writes_may_change_freely_in_a_request():
    own = {"type": "string", "readOnly": True}

    assert rules(sent(holding(a=TEXT, b=own)), sent(holding(a=TEXT))) == []
    assert rules(told(holding(a=TEXT, b=own)), told(holding(a=TEXT))) == ["response-field-removed"]


@pytest.mark.parametrize("junk", [[], None, 7, "x", {"paths": 3}, {"paths": {"/a": {"get": {}}}}],
                         ids=["list", "none", "number", "text", "no paths", "bare"])  # fmt: skip
def test_senseless_documents_are_compared_like_empty_ones(junk):
    old = {"openapi": "3.0.0", "paths": {"/a": {"get": {"responses": junk, "parameters": junk,
           "requestBody": junk, "security": junk}}}}  # fmt: skip

    compare(old, one())
    compare(one(), old)
