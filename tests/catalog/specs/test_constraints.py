"""What a schema says of a value's limits, and what is made of documents that say nonsense."""

from __future__ import annotations

import json

import pytest

from catalog.apis.models import Field
from catalog.impact.exposure import exposure_of
from catalog.specs.actions import import_document
from catalog.specs.constraints import MAX_VALUE_CHARACTERS, constraints_of, example_at
from catalog.specs.resolver import Resolver
from catalog.specs.shapes import Shapes
from portal.access.actors import SYSTEM
from tests.catalog.specs.documents import answering, raw

STATED = {
    "numbers": (
        {"type": "integer", "minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2},
        {"minimum": 1, "exclusiveMaximum": 9, "multipleOf": 2},
    ),
    "OpenAPI 3.0 says yes beside the limit": (
        {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        {"exclusiveMinimum": 0},
    ),
    "texts": (
        {"type": "string", "minLength": 2, "maxLength": 8, "pattern": "^a", "format": "slug"},
        {"minLength": 2, "maxLength": 8, "pattern": "^a", "format": "slug"},
    ),
    "lists": ({"type": "array", "minItems": 1, "maxItems": 3}, {"minItems": 1, "maxItems": 3}),
    "values": ({"enum": ["a", 2, True, None]}, {"enum": ["a", "2", "true"]}),
    "one value": ({"const": "on"}, {"const": "on"}),
    "nullable of 3.0": ({"type": "string", "nullable": True}, {"nullable": True}),
    "nullable of 3.1": ({"type": ["string", "null"]}, {"nullable": True}),
    "an alternative that is null": (
        {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 3}]},
        {"maxLength": 3, "nullable": True},
    ),
    "a default": ({"type": "boolean", "default": False}, {"default": "false"}),
    "nonsense": (
        {
            "minimum": "a lot", "maximum": float("nan"), "maxLength": True, "maxItems": 10**400,
            "pattern": ["x"], "format": 7, "enum": "abc", "default": {"a": 1}, "nullable": "yes",
        },
        {},
    ),
    "a list without an end": (
        {"enum": [f"value {number}" for number in range(5000)]},
        {"enum": [f"value {number}" for number in range(200)], "more": 4800},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STATED)
def test_the_limits_of_a_value_are_those_that_its_schema_says(case):
    schema, expected = STATED[case]

    found = constraints_of(Shapes(Resolver({})).of(schema))

    assert found == expected
    assert len(json.dumps(found)) < 2 * MAX_VALUE_CHARACTERS


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/items/*/name", "Ada"),
        ("/items/*/tags/*", "new"),
        ("/by_day/*", "3"),
        ("/empty/*/name", ""),
        ("/none", ""),
        ("/items/*/name/deeper", ""),
        ("/plain", ""),
    ],
)
def test_an_example_stands_where_the_pointer_leads(pointer, expected):
    body = {
        "items": [{"name": "Ada", "tags": ["new"]}],
        "by_day": {"monday": 3},
        "empty": [],
        "plain": "string",
    }

    assert example_at(body, pointer) == expected


@pytest.mark.django_db
def test_limits_and_examples_are_stored_with_each_field_and_read_on_its_page(client):
    mood = {"enum": ["calm", "loud"], "x-data-class": "personal"}
    left = {"type": "integer", "minimum": 0, "maximum": 12, "example": 7}
    schema = {"type": "object", "properties": {"mood": mood, "left": left}}
    version = import_document(raw(answering(schema)), by=SYSTEM, source="t").version
    operation = version.operations.get()
    version.api.move_to("published", published_at=version.created_at)
    version.move_to("stable", published_at=version.created_at)

    fields = {one.name: one for one in Field.objects.filter(operation=operation)}
    page = client.get(operation.get_absolute_url()).content.decode()
    text = client.get(operation.get_absolute_url().rstrip("/") + ".md").content.decode()

    assert fields["mood"].constraints == {"enum": ["calm", "loud"]}
    assert (fields["left"].constraints, fields["left"].example) == (
        {"minimum": 0, "maximum": 12},
        "7",
    )
    assert "One of calm, loud</small>" in page
    assert "0 to 12. Such as <code>7</code>" in page
    assert "| One of calm, loud |" in text
    assert "| 0 to 12 | `7` |" in text
    assert [one.values for one in exposure_of(version)] == [("calm", "loud")]
