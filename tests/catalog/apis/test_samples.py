from __future__ import annotations

import pytest

from catalog.apis.models import Operation
from catalog.apis.samples import in_order, sample_call, without, written


@pytest.mark.parametrize(
    ("pointers", "left"),
    [
        ([], {"items": [{"id": 1, "note": "x"}, {"id": 2}], "next": None}),
        (["/items/*/note"], {"items": [{"id": 1}, {"id": 2}], "next": None}),
        (["/items"], {"next": None}),
        (["/items/*"], {"items": [{"id": 1, "note": "x"}, {"id": 2}], "next": None}),
        (["/nothing/*/here", ""], {"items": [{"id": 1, "note": "x"}, {"id": 2}], "next": None}),
    ],
)
def test_what_is_not_revealed_is_left_out_never_blank(pointers, left):
    body = {"items": [{"id": 1, "note": "x"}, {"id": 2}], "next": None}

    assert without(body, pointers) == left


def test_a_long_example_is_cut_at_a_line():
    text = written({f"key_{number}": "value" for number in range(1000)})

    assert len(text) <= 3002
    assert text.endswith(",\n…")


def test_the_path_and_the_required_query_take_the_examples():
    operation = Operation(
        method="GET",
        path="/parcels/{parcel_id}/in/{town}",
        parameters=[
            {"name": "parcel_id", "in": "path", "example": "pc 7/2", "required": True},
            {"name": "town", "in": "path"},
            {"name": "limit", "in": "query", "required": True, "example": 20},
            {"name": "cursor", "in": "query", "example": "abc"},
        ],
    )

    call = sample_call(operation, "https://api.example/v1")

    assert call.url == "https://api.example/v1/parcels/pc%207%2F2/in/TOWN?limit=20"
    assert not call.needs_token


def test_an_example_is_written_in_the_order_of_its_fields():
    body = {"next": None, "items": [{"b": 1, "a": 2}], "unknown": {"x": 1}}

    ordered = in_order(body, ["/items", "/items/*/a", "/items/*/b", "/next"])

    assert str(ordered) == "{'items': [{'a': 2, 'b': 1}], 'next': None, 'unknown': {'x': 1}}"
