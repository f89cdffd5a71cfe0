from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.specs.lines import lines_of

YAML = b"""\xef\xbb\xbf

openapi: 3.1.0
paths:
  /a/{b}:
    get:
      tags: [x, {y: z}]
      "summary": text
  /c: &item
    get: {}
  /d: *item
  ? /e
  : get:
      - one
      -
        two: 2
"""
JSON = b"""{
  "openapi": "3.1.0", "n": [1, 2.5,
    {"a,]}": "b\\"{"}, "text",
    null, {"last": true}],
  "paths": {
    "/a~b": {
      "g\\u0065t": {}
    }
  }
}"""


@pytest.mark.parametrize(
    ("raw", "pointer", "line"),
    [
        (YAML, "/paths", 4),
        (YAML, "/paths/~1a~1{b}", 5),
        (YAML, "/paths/~1a~1{b}/get/tags/1/y", 7),
        (YAML, "/paths/~1a~1{b}/get/summary", 8),
        (YAML, "/paths/~1c/get", 10),
        (YAML, "/paths/~1d/get", 11),
        (YAML, "/paths/~1e/get/0", 14),
        (YAML, "/paths/~1e/get/1/two", 16),
        (YAML, "/paths/~1f/get", 4),
        (JSON, "", 1),
        (JSON, "/openapi", 2),
        (JSON, "/n/2/a,]}", 3),
        (JSON, "/n/3", 3),
        (JSON, "/n/5/last", 4),
        (JSON, "/paths/~1a~0b", 6),
        (JSON, "/paths/~1a~0b/get", 7),
        (JSON, "/paths/missing", 5),
    ],
    ids=lambda part: part[:24] if isinstance(part, str) else None,
)
def test_a_part_is_found_in_its_line(raw, pointer, line):
    assert lines_of(raw, [pointer]) == {pointer: line}


trees = st.recursive(
    st.none() | st.integers() | st.text(max_size=6),
    lambda inner: st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


def pointers_in(value, at=""):
    yield at
    for step, inner in value.items() if isinstance(value, dict) else ():
        yield from pointers_in(inner, f"{at}/{step.replace('~', '~0').replace('/', '~1')}")


@given(st.dictionaries(st.text(max_size=4), trees))
def test_a_json_document_has_a_line_for_each_of_its_parts(value):
    """Written with each part in a line of its own, the parts follow each other as the lines do."""
    pointers = list(pointers_in(value))

    lines = lines_of(json.dumps(value, indent=1).encode(), pointers)

    counted = [lines[pointer] for pointer in pointers]
    assert counted == sorted(set(counted))
