from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
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
from tests.stack import require_program


@dataclass(frozen=True, slots=True)
class Q:
    key: str
    takes: str = "one"
    options: frozenset[str] = frozenset({"yes", "no"})
    visible_if: Condition | None = None


VECTORS = json.loads((Path(__file__).parent / "conditions.json").read_text())
ANSWERS = VECTORS["answers"]
SCRIPT = Path(settings.BASE_DIR) / "static/js/conditions.js"
# What node is given: the file that the browser loads, and the same vectors.
IN_NODE = """
const fs = require("fs");
(0, eval)(fs.readFileSync(process.argv[1], "utf8"));
const vectors = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify({
  holds: vectors.holds.map((one) => conditions.holds(one.condition, vectors.answers)),
  visible: vectors.visible.map((one) => conditions.visible(vectors.questions, one.answers)),
}));
"""


def test_a_condition_is_true_false_or_unknown():
    for vector in VECTORS["holds"]:
        assert holds(parse(vector["condition"]), ANSWERS) is vector["outcome"], vector


def test_what_hangs_on_a_hidden_question_is_hidden():
    questions = [
        Q(one["key"], visible_if=one["visible_if"] and parse(one["visible_if"]))
        for one in VECTORS["questions"]
    ]

    for vector in VECTORS["visible"]:
        assert visibility.visible(questions, vector["answers"]) == vector["keys"], vector


def test_the_browser_decides_the_same_as_the_portal():
    require_program("node")
    vectors = Path(__file__).parent / "conditions.json"
    command = [shutil.which("node"), "-e", IN_NODE, str(SCRIPT), str(vectors)]
    told = subprocess.run(command, capture_output=True, check=True, text=True)

    found = json.loads(told.stdout)
    assert found["holds"] == [vector["outcome"] for vector in VECTORS["holds"]]
    assert found["visible"] == [vector["keys"] for vector in VECTORS["visible"]]


def test_a_condition_is_written_as_it_was_read():
    for vector in VECTORS["holds"]:
        assert visibility.as_json(parse(vector["condition"])) == vector["condition"]


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
        ([Q("a", "date"), Q("b", visible_if=Compare("gt", "a", "soon"))], "a date"),
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
