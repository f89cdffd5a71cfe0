"""What is new in OpenAPI 3.2, read as the REST description that it is."""

from __future__ import annotations

import json

import pytest

from catalog.specs.operations import ParsedOperation
from catalog.specs.reading import Description, read_description
from tests.catalog.specs.documents import api, operation

PERSON = {"type": "object", "properties": {"name": {"type": "string"}}}


def read(paths, **more) -> Description:
    document = api(openapi="3.2.0", paths=paths, **{"x-portal": None, **more})
    return read_description(json.dumps(document).encode(), max_bytes=1_000_000)


def only(paths, **more) -> ParsedOperation:
    (found,) = read(paths, **more).api.operations
    return found


def answering(content) -> dict[str, object]:
    return {"/people": {"get": operation(responses={"200": {"description": "x", **content}})}}


def test_the_method_query_and_additional_ones_are_operations():
    item = {
        "query": operation(operationId="ask"),
        "additionalOperations": {"LINK": operation(operationId="link")},
    }

    description = read({"/people": item})

    assert [one.method for one in description.api.operations] == ["QUERY", "LINK"]
    assert "openapi-schema" not in {one.rule for one in description.grading.findings}


@pytest.mark.parametrize("kind", ["text/event-stream", "application/jsonl", "application/json-seq"])
def test_the_items_of_a_stream_are_the_fields_of_the_answer(kind):
    found = only(answering({"content": {kind: {"itemSchema": PERSON}}}))

    assert [row.name for row in found.fields if row.is_leaf] == ["name"]


def test_a_media_type_may_be_kept_with_the_components():
    found = only(
        answering({"content": {"application/json": {"$ref": "#/components/mediaTypes/Person"}}}),
        components={"mediaTypes": {"Person": {"schema": PERSON}}},
    )

    assert [row.name for row in found.fields] == ["name"]


def test_groups_have_titles_and_stand_in_one_another_and_other_tags_are_none():
    tags = [
        {"name": "people", "summary": "People"},
        {"name": "children", "parent": "people"},
        {"name": "beta", "kind": "badge"},
    ]

    found = only({"/people": {"get": operation(tags=["beta", "children"])}}, tags=tags)

    assert found.tag == "People › children"


def test_groups_that_stand_in_each_other_end():
    tags = [{"name": "a", "parent": "b"}, {"name": "b", "parent": "a"}]

    assert only({"/people": {"get": operation(tags=["a"])}}, tags=tags).tag == "b › a"


def test_a_document_may_refer_to_itself_by_its_own_address():
    own = "https://kestrel.example/people.json"
    schema = {"$ref": f"{own}#/components/schemas/Person"}

    description = read(
        answering({"content": {"application/json": {"schema": schema}}}),
        **{"$self": own, "components": {"schemas": {"Person": PERSON}}},
    )

    assert [row.name for row in description.api.operations[0].fields] == ["name"]
    rules = {one.rule for one in description.grading.findings}
    assert rules.isdisjoint({"ref-external", "ref-unresolved"})


def test_an_address_of_another_document_stays_unopened():
    description = read(
        answering({"content": {"application/json": {"schema": {"$ref": "https://o.example/#/a"}}}}),
        **{"$self": "https://kestrel.example/people.json"},
    )

    assert "ref-external" in {one.rule for one in description.grading.findings}


def test_a_security_scheme_may_be_named_by_its_address():
    components = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}

    description = read(
        {"/people": {"get": operation(security=[{"#/components/securitySchemes/key": []}])}},
        components=components,
    )

    assert description.api.operations[0].security == ("apiKey",)
    assert "security-scheme-unknown" not in {one.rule for one in description.grading.findings}


def test_the_whole_query_may_be_one_parameter():
    whole = {"name": "filter", "in": "querystring", "content": {"application/json": {"schema": {}}}}

    found = only({"/people": {"get": operation(parameters=[whole])}})

    assert found.parameters[0]["in"] == "querystring"
