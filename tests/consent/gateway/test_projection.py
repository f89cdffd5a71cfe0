from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.gateway.projection import project

BODY = {"id": 1, "medicine": {"name": "a", "dose": "b"}, "items": [{"x": 1, "y": 2}, {"y": 3}]}


@pytest.mark.parametrize(
    ("pointers", "kept"),
    [
        ([], {}),
        (["/id"], {"id": 1}),
        (["/medicine/name"], {"medicine": {"name": "a"}}),
        (["/medicine"], {}),
        (["/id/deeper"], {}),
        (["/items/*/x"], {"items": [{"x": 1}, {}]}),
        (["/unknown"], {}),
        (
            ["/id", "/medicine/dose", "/items/*/y"],
            {"id": 1, "medicine": {"dose": "b"}, "items": [{"y": 2}, {"y": 3}]},
        ),
    ],
)
def test_only_the_named_leaves_stay(pointers, kept):
    assert project(BODY, pointers) == kept


def test_a_list_at_the_top_keeps_its_length():
    assert project([{"a": 1, "b": 2}, {"b": 3}], ["/*/a"]) == [{"a": 1}, {}]


def test_names_with_slashes_and_tildes_are_found():
    assert project({"a/b": 1, "c~d": 2}, ["/a~1b", "/c~0d"]) == {"a/b": 1, "c~d": 2}


def test_an_empty_list_says_nothing_about_its_items_fields():
    assert project({"items": []}, ["/items/*/x"]) == {"items": []}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=3), children, max_size=4)
    ),
    max_leaves=20,
)


def leaves(value, path=""):
    if isinstance(value, dict):
        for name, member in value.items():
            escaped = name.replace("~", "~0").replace("/", "~1")
            yield from leaves(member, f"{path}/{escaped}")
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, f"{path}/*")
    else:
        yield path


@given(JSON, st.data())
def test_no_leaf_outside_the_list_ever_leaves(body, data):
    present = sorted(set(leaves(body)))
    allowed = set(data.draw(st.lists(st.sampled_from(present)))) if present else set()

    assert set(leaves(project(body, allowed))) <= allowed
