"""Whatever arrives, it is read or refused; nothing else may happen."""

from __future__ import annotations

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.specs.loader import load
from catalog.specs.reading import Description, read_description
from portal.errors import Refused
from tests.catalog.specs.documents import api

KEYWORDS = st.sampled_from(
    [
        "openapi", "swagger", "info", "title", "version", "servers", "url", "paths", "/a/{b}",
        "get", "post", "parameters", "name", "in", "schema", "$ref", "responses", "200",
        "content", "default", "application/json", "properties", "items", "type", "allOf",
        "oneOf", "enum", "example", "examples", "required", "security", "components", "schemas",
        "securitySchemes", "x-portal", "clusters", "code", "depth", "scopes", "x-data-cluster",
        "x-data-class", "x-retention-days", "additionalProperties", "format", "value",
        "requestBody", "tags", "operationId", "definitions", "additionalOperations", "variables",
        "description", "summary",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    KEYWORDS,
    st.sampled_from(
        ["3.1.0", "2.0", "#/components/schemas/Person", "#", "#/a~1b", "#/%", "file:///etc/passwd"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYWORDS | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=30,
)
PATIENT = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(raw: bytes) -> Description | None:
    try:
        return read_description(raw, max_bytes=1_000_000)
    except Refused:
        return None


def storable(description: Description) -> None:
    """Fail where a column could not hold what was read."""
    parsed = description.api
    assert len(parsed.slug) <= 80
    assert 0 < len(parsed.label) <= 40
    assert len({found.slug for found in parsed.operations}) == len(parsed.operations)
    for found in parsed.operations:
        assert 0 < len(found.slug) <= 120
        assert 0 < len(found.summary) <= 200
        assert len(found.method) <= 8
        assert len({row.pointer for row in found.fields}) == len(found.fields)
        shown = [found.parameters, found.request_body, found.responses, found.examples]
        told = json.dumps([*shown, found.scopes], allow_nan=False, ensure_ascii=False)
        assert "\x00" not in told
        told.encode()


@PATIENT
@given(VALUES)
def test_any_json_is_read_or_refused(value):
    description = read(json.dumps(value).encode())

    assert description is None or storable(description) is None


@PATIENT
@given(st.dictionaries(KEYWORDS, VALUES, max_size=8))
def test_anything_that_calls_itself_openapi_is_read_or_refused(value):
    for kind in ({"openapi": "3.1.0"}, {"swagger": "2.0"}):
        description = read(json.dumps({**value, **kind}).encode())

        assert description is None or storable(description) is None


@PATIENT
@given(st.data())
def test_a_document_with_a_broken_part_is_read_or_refused(data):
    document = copy.deepcopy(api())
    for _ in range(data.draw(st.integers(1, 3))):
        node = document
        for _ in range(data.draw(st.integers(0, 9))):
            inner = [
                key
                for key in (node if isinstance(node, dict) else range(len(node)))
                if isinstance(node[key], dict | list) and node[key]
            ]
            if not inner:
                break
            node = node[data.draw(st.sampled_from(inner))]
        keys = list(node if isinstance(node, dict) else range(len(node)))
        if not keys:
            continue
        key = data.draw(st.sampled_from(keys))
        node[key] = data.draw(VALUES)
    document["openapi"] = "3.1.0"

    description = read(json.dumps(document).encode())

    assert description is None or storable(description) is None


@PATIENT
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_are_read_or_refused(raw):
    read(raw)


@PATIENT
@given(st.text(alphabet="{}[]:,-*&!|>'\"#%@ \n\tab1~<", max_size=80))
def test_any_yaml_is_read_or_refused(text):
    read(b"openapi: 3.1.0\n" + text.encode())


@PATIENT
@given(st.data())
def test_yaml_that_is_json_reads_the_same(data):
    value = data.draw(
        st.dictionaries(
            st.text("ab-_ ", max_size=5),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text("abc:#-'\"\\ ", max_size=8),
                lambda inner: st.lists(inner, max_size=3),
                max_leaves=8,
            ),
            max_size=4,
        )
    )
    text = json.dumps({"openapi": "3.1.0", **value})

    assert (
        load(b"--- " + text.encode(), max_bytes=10_000).document
        == load(text.encode(), max_bytes=10_000).document
    )
