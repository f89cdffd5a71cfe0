from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.questionnaires import visibility
from partners.questionnaires.visibility import (
    BrokenCondition,
    Compare,
    Condition,
    Join,
    Not,
    holds,
    parse,
)


@dataclass(frozen=True, slots=True)
class Q:
    key: str
    takes: str = "one"
    options: frozenset[str] = frozenset({"yes", "no"})
    visible_if: Condition | None = None


ANSWERS = {"mfa": "yes", "days": 30, "kept": ["a", "b"], "who": "us"}


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        ({"eq": ["mfa", "yes"]}, True),
        ({"eq": ["mfa", "no"]}, False),
        ({"neq": ["mfa", "no"]}, True),
        ({"in": ["mfa", ["no", "yes"]]}, True),
        ({"contains": ["kept", "b"]}, True),
        ({"contains": ["kept", "c"]}, False),
        ({"gt": ["days", 29]}, True),
        ({"gt": ["days", 30]}, False),
        ({"lt": ["days", 31]}, True),
        ({"answered": "who"}, True),
        ({"answered": "nothing"}, False),
        ({"eq": ["nothing", "yes"]}, None),
        ({"neq": ["nothing", "yes"]}, None),
        ({"not": {"eq": ["nothing", "yes"]}}, None),
        ({"not": {"answered": "nothing"}}, True),
        ({"all": [{"eq": ["mfa", "yes"]}, {"eq": ["nothing", "x"]}]}, None),
        ({"all": [{"eq": ["mfa", "no"]}, {"eq": ["nothing", "x"]}]}, False),
        ({"any": [{"eq": ["mfa", "yes"]}, {"eq": ["nothing", "x"]}]}, True),
        ({"any": [{"eq": ["mfa", "no"]}, {"eq": ["nothing", "x"]}]}, None),
    ],
)
def test_a_condition_is_true_false_or_unknown(raw, outcome):
    assert holds(parse(raw), ANSWERS) is outcome


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"eq": ["a", 1], "neq": ["a", 2]},
        {"eq": "a"},
        {"eq": ["a"]},
        {"eq": [1, 2]},
        {"like": ["a", "b"]},
        {"all": []},
        {"all": {"eq": ["a", "b"]}},
        {"answered": ["a"]},
        {"not": []},
    ],
)
def test_what_is_no_condition_is_refused(raw):
    with pytest.raises(BrokenCondition):
        parse(raw)


def test_endless_nesting_is_refused():
    raw: dict = {"answered": "a"}
    for _ in range(2000):
        raw = {"not": raw}

    with pytest.raises(BrokenCondition, match="nested"):
        parse(raw)


@pytest.mark.parametrize(
    ("questions", "why"),
    [
        ([Q("a", visible_if=Compare("answered", "zz"))], "unknown"),
        ([Q("a", visible_if=Compare("answered", "b")), Q("b")], "looks ahead"),
        ([Q("a", visible_if=Compare("answered", "a"))], "looks ahead"),
        ([Q("a"), Q("a")], "Two questions"),
        ([Q("a"), Q("b", visible_if=Compare("eq", "a", "maybe"))], "no choice"),
        ([Q("a"), Q("b", visible_if=Compare("in", "a", "yes"))], "list of choices"),
        ([Q("a"), Q("b", visible_if=Compare("gt", "a", 3))], "does not suit"),
        ([Q("a", "number"), Q("b", visible_if=Compare("gt", "a", "3"))], "a number"),
        ([Q("a", "number"), Q("b", visible_if=Compare("gt", "a", True))], "a number"),
        ([Q("a", "text"), Q("b", visible_if=Compare("eq", "a", "x"))], "does not suit"),
        (
            [Q("a"), Q("b", visible_if=Join("all", (Compare("answered", "a"),) * 21))],
            "more than 20",
        ),
    ],
)
def test_a_condition_that_would_silently_hide_or_show_is_refused(questions, why):
    with pytest.raises(BrokenCondition, match=why):
        visibility.check(questions)


def test_what_hangs_on_a_hidden_question_is_hidden_too_even_when_negated():
    questions = [
        Q("a"),
        Q("b", visible_if=Compare("eq", "a", "yes")),
        Q("c", visible_if=Not(Compare("eq", "b", "yes"))),
    ]

    assert visibility.visible(questions, {"a": "yes", "b": "no"}) == ["a", "b", "c"]
    assert visibility.visible(questions, {"a": "no", "b": "no"}) == ["a"]


conditions = st.recursive(
    st.builds(Compare, st.just("eq"), st.sampled_from("abc"), st.sampled_from(["yes", "no"]))
    | st.builds(Compare, st.just("answered"), st.sampled_from("abc")),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(
            Join,
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3).map(tuple),
        )
    ),
    max_leaves=8,
)
some_answers = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["yes", "no"]))


@given(conditions, some_answers)
def test_negating_twice_changes_nothing(condition, answers):
    assert holds(Not(Not(condition)), answers) is holds(condition, answers)


@given(st.lists(conditions, min_size=1, max_size=4), some_answers)
def test_not_all_is_some_not(parts, answers):
    assert holds(Not(Join("all", tuple(parts))), answers) is holds(
        Join("any", tuple(map(Not, parts))), answers
    )


@given(
    conditions.filter(lambda c: all(r.op == "eq" for r in visibility.references(c))), some_answers
)
def test_what_is_known_stays_so_when_more_is_answered(condition, answers):
    """Answering another question never takes back what earlier answers have decided."""
    before = holds(condition, answers)
    for key in set("abc") - set(answers):
        for value in ("yes", "no"):
            assert before is None or holds(condition, {**answers, key: value}) is before
