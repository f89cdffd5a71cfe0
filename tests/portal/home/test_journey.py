from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.home.journey import Facts, Production, Questions, State, journey

JOINED = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
D, C, O, W, L = State.DONE, State.CURRENT, State.OPEN, State.WAITING, State.LOCKED  # noqa: E741
NEW = Facts(joined_at=JOINED)
BUILDING = replace(NEW, application_slug="larkspur", application_name="Larkspur Visits")
CALLED = replace(BUILDING, has_called_sandbox=True)
SENT = replace(CALLED, questions=Questions.SENT)
APPROVED = replace(SENT, approved_at=JOINED)
ASKED = replace(APPROVED, production=Production.ASKED)
OPEN = replace(APPROVED, production=Production.OPEN)
LIVE = replace(OPEN, has_called_production=True)


@pytest.mark.parametrize(
    ("facts", "states", "left"),
    [
        (NEW, [D, C, L, O, L, L, L], 6),
        (BUILDING, [D, D, C, O, L, L, L], 5),
        (CALLED, [D, D, D, C, L, L, L], 4),
        (SENT, [D, D, D, D, W, L, L], 3),
        (APPROVED, [D, D, D, D, D, C, L], 2),
        (ASKED, [D, D, D, D, D, W, L], 2),
        (OPEN, [D, D, D, D, D, D, C], 1),
        (LIVE, [D, D, D, D, D, D, D], 0),
    ],
)
def test_the_steps_follow_from_what_has_happened(facts, states, left):
    walked = journey(facts)

    assert [step.state for step in walked.steps] == states
    assert walked.left_count == left


def test_a_step_that_is_with_us_leads_nowhere():
    assert all(
        step.way is None
        for step in journey(ASKED).steps
        if step.state in {State.DONE, State.WAITING, State.LOCKED}
    )


def test_returned_answers_are_with_the_partner_again():
    walked = journey(replace(SENT, questions=Questions.RETURNED))

    assert [step.state for step in walked.steps] == [D, D, D, C, L, L, L]
    assert "look at some answers again" in walked.steps[3].detail


def test_a_refusal_points_to_where_the_reason_is():
    walked = journey(replace(SENT, questions=Questions.REJECTED))

    assert [step.state for step in walked.steps] == [D, D, D, D, L, L, L]
    assert "notices say why" in walked.steps[4].detail


def test_the_questionnaire_says_how_far_it_is():
    facts = replace(CALLED, questions=Questions.OPEN, answered_count=6, question_count=11)

    step = journey(facts).steps[3]

    assert step.progress == (6, 11)
    assert step.way
    assert step.way.action == "Continue"
