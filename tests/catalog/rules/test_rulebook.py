from __future__ import annotations

import pytest

from catalog.rules.rulebook import GROUPS, LEVELS, RULES
from catalog.specs.checks import CHECKS
from catalog.specs.reading import read_description
from tests.catalog.rules.examples import complete


def found_in(example: str, code: str):
    findings = read_description(complete(example), max_bytes=100_000).grading.findings
    return [found for found in findings if found.rule == code]


@pytest.mark.parametrize("code", list(RULES))
def test_the_bad_example_of_each_rule_breaks_it_and_says_where(code):
    found = found_in(RULES[code].bad, code)

    assert found
    assert all(one.line is not None and one.message.endswith(".") for one in found)


@pytest.mark.parametrize("code", list(RULES))
def test_the_good_example_of_each_rule_keeps_it(code):
    assert found_in(RULES[code].good, code) == []


def test_each_rule_has_a_number_of_its_own_in_its_group():
    numbers = [rule.number for rule in RULES.values()]

    assert len(RULES) == sum(len(group.rules) for group in GROUPS) == 75
    assert numbers == sorted(set(numbers))
    for place, group in enumerate(GROUPS, start=1):
        assert {rule.number // 100 for rule in group.rules} == {place}


def test_each_rule_says_what_it_asks_and_why():
    for rule in RULES.values():
        assert rule.severity in LEVELS
        assert rule.title
        assert not rule.title.endswith(".")
        assert rule.why.endswith(".")
        assert rule.weight >= 0


def test_each_check_belongs_to_a_rule_that_changes_no_grade():
    assert {RULES[code].weight for code in CHECKS} == {0}
