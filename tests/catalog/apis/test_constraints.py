from __future__ import annotations

import pytest

from catalog.apis.constraints import in_words, with_limits


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        ({}, ""),
        ({"minimum": 1, "maximum": 9}, "1 to 9"),
        ({"minimum": 1}, "At least 1"),
        ({"exclusiveMinimum": 0, "maximum": 5}, "More than 0; at most 5"),
        ({"exclusiveMaximum": 0.5, "multipleOf": 0.1}, "Less than 0.5; a multiple of 0.1"),
        ({"maxLength": 1}, "Up to 1 character"),
        ({"minLength": 3, "maxLength": 20}, "3 to 20 characters"),
        ({"minLength": 12, "maxLength": 12}, "Exactly 12 characters"),
        ({"minLength": 2}, "At least 2 characters"),
        ({"minLength": 0}, ""),
        ({"minItems": 1, "maxItems": 1}, "Exactly 1 item"),
        ({"pattern": "^rx_"}, "Fits ^rx_"),
        ({"format": "uuid"}, ""),
        ({"format": "ipv4"}, "Ipv4"),
        ({"enum": ["a", "b"], "nullable": True}, "One of a, b; may be null"),
        ({"const": "on", "default": "on"}, "Always on; on unless said"),
    ],
)
def test_limits_are_said_in_words(constraints, words):
    assert in_words(constraints, type_name="uuid") == words


def test_a_long_list_of_values_is_cut_and_its_end_is_counted():
    values = [str(number) for number in range(15)]

    words = in_words({"enum": values, "more": 4})

    assert words == "One of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 7 more"


def test_a_list_of_values_needs_no_example_and_an_old_row_has_no_limits():
    assert with_limits({"constraints": {"enum": ["a"]}, "such_as": "a"})["such_as"] == ""
    assert with_limits({"type": "string"})["limits"] == ""
