"""What is left of a value, and that nothing is left of one that nobody expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.scopes.reveals import reveal
from consent.gateway.projection import project, raw_pointers, undeclared_count
from consent.gateway.transforms import NOTHING, counts_shown, seen_as


def alias(kind: str, value: str) -> str:
    return f"{kind}_{sum(map(ord, value))}"


@pytest.mark.parametrize(
    ("transform", "value", "left"),
    [
        ("masked", "LT601010012345678901", "****"),
        ("masked=4", "LT601010012345678901", "****8901"),
        ("masked=4", "1234567", "****"),
        ("masked=2", 123456, "****56"),
        ("bucketed=0,1,4", 0, "0-1"),
        ("bucketed=0,1,4", 3, "1-4"),
        ("bucketed=0,1,4", 4, "4+"),
        ("bucketed=0,1,4", -2, "<0"),
        ("bucketed=0,100", "99.99", "0-100"),
        ("bucketed=0,1,4", "1-4", "1-4"),
        ("bucketed=month", "2026-03-12", "2026-03"),
        ("bucketed=year", "2026-03-12T10:00:00Z", "2026"),
        ("bucketed=month", "2026", NOTHING),
        ("bucketed=month", "12 March", NOTHING),
        ("bucketed=0,1", "many", NOTHING),
        ("bucketed=0,1", "NaN", NOTHING),
        ("pairwise=rx", 7, "rx_55"),
        ("pairwise=rx", 1.5, NOTHING),
        ("aggregate=5", 7, NOTHING),
        ("masked=4", 1.5, NOTHING),
        ("masked=4", True, NOTHING),
        ("bucketed=0,1", True, NOTHING),
        ("pairwise=rx", False, NOTHING),
        ("masked", None, None),
        ("", "as it is", "as it is"),
    ],
)
def test_a_value_is_seen_as_its_transform_says(transform, value, left):
    assert seen_as(value, reveal("/x", transform), alias=alias) == left


def test_without_names_of_its_own_a_caller_sees_no_pairwise_value():
    assert project({"id": 7, "a": 1}, ["/id;pairwise=rx", "/a"]) == {"a": 1}


def test_what_cannot_be_read_allows_nothing():
    assert project({"a": 1, "b": 2}, ["/a;unreadable", "/b;masked=99"]) == {}


def test_a_list_of_values_is_seen_item_by_item():
    assert project({"n": [1, 5, None]}, ["/n/*;bucketed=0,2"]) == {"n": ["0-2", "2+", None]}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([12, 7, 30], [10, 5, 30]),
        ([12, 4, 30], [None, None, 30]),
        ([4, 4, 30], [None, None, 30]),
        ([0, 0, 30], [None, None, None]),
        ([1, 2, 9], [None, None, None]),
        ([4], [None]),
        ([5], [5]),
        ([], []),
        ([True, "9", 9, 9], [None, None, None, 5]),
        ([-1, 9, 9], [None, None, 5]),
    ],
)
def test_small_groups_are_left_out_and_with_them_what_gives_them_away(counts, shown):
    assert counts_shown(counts, 5) == shown


@given(st.lists(st.integers(0, 40), max_size=12), st.integers(5, 20))
def test_what_is_left_out_is_never_one_group_nor_few_people(counts, smallest):
    shown = counts_shown(counts, smallest)

    hidden = [size for size, said in zip(counts, shown, strict=True) if said is None]
    visible = [said for said in shown if said is not None]
    assert all(said >= smallest and said % smallest == 0 for said in visible)
    if hidden and visible:
        assert len(hidden) >= 2
        assert sum(hidden) >= smallest


def test_counts_are_shown_across_the_items_of_an_answer():
    body = {
        "people": 21,
        "towns": [
            {"town": "A", "people": 3},
            {"town": "B", "people": 6},
            {"town": "C", "people": 12},
        ],
    }
    fields = ["/people;aggregate=5", "/towns/*/town", "/towns/*/people;aggregate=5"]

    assert project(body, fields) == {
        "people": 20,
        "towns": [{"town": "A"}, {"town": "B"}, {"town": "C", "people": 10}],
    }


def test_only_what_is_seen_as_it_is_may_be_sorted_and_filtered_by():
    assert raw_pointers(["/a", "/b;masked", "/c;pairwise=rx"]) == {"/a"}


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"a": 1, "items": [{"b": 1}]}, 0),
        ({"a": 1, "new": 2}, 1),
        ({"items": [{"b": 1, "c": 2}, {"c": {"d": 3, "e": 4}}]}, 3),
        ({"free": {"whatever": {"is": ["in", "it"]}}}, 0),
        ([1], 1),
    ],
)
def test_fields_that_no_description_names_are_counted(body, count):
    assert undeclared_count(body, ["/a", "/items", "/items/*/b", "/free"]) == count
