from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.questionnaires import content, library
from partners.questionnaires.content import BrokenContent, Content
from partners.questionnaires.scoring import score
from partners.questionnaires.values import WrongAnswer
from tests.factories.questionnaires import GOOD

DOCUMENT = library.document(library.ONBOARDING)
ONBOARDING: Content = content.read(DOCUMENT)


def clean(answers):
    return {
        key: ONBOARDING.by_key[key].clean([value] if isinstance(value, str) else value)
        for key, value in answers.items()
    }


def test_the_first_questionnaire_asks_twelve_questions_of_everybody():
    assert len(ONBOARDING.visible({})) == 12


def test_good_answers_are_a_low_risk():
    result = score(ONBOARDING, clean(GOOD))

    assert (result.percent, result.tier, result.knockouts) == (100, 1, ())


@pytest.mark.parametrize(
    ("worse", "tier"),
    [
        ({"admin-mfa": "code", "token-storage": "server"}, 1),
        ({"admin-mfa": "code", "token-storage": "device", "deletion": "month"}, 2),
        ({"admin-mfa": "some", "token-storage": "device", "deletion": "month", "logging": []}, 3),
        ({"admin-mfa": "no"}, 4),
        ({"secret-storage": "code"}, 4),
        ({"transport": "some"}, 4),
        ({"deletion": "never"}, 4),
        ({"breach-notice": "unplanned"}, 4),
    ],
)
def test_worse_answers_are_a_higher_risk(worse, tier):
    assert score(ONBOARDING, clean(GOOD | worse)).tier == tier


def test_an_answer_that_rules_approval_out_is_named():
    result = score(ONBOARDING, clean(GOOD | {"admin-mfa": "no"}))

    assert result.knockouts == (("admin-mfa", "Administrators sign in with a password alone."),)
    assert result.percent > 80


choice = {
    question.key: [option.key for option in question.choices]
    for question in ONBOARDING.questions
    if question.choices
}
any_answers = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(st.sampled_from(options), min_size=1, unique=True)
        if ONBOARDING.by_key[key].takes == "many"
        else st.sampled_from(options)
        for key, options in choice.items()
    },
)


@given(any_answers)
def test_the_parts_add_up_and_the_score_explains_itself(answers):
    result = score(ONBOARDING, answers)

    assert 0 <= result.percent <= 100
    assert result == score(ONBOARDING, dict(reversed(answers.items())))
    assert all(0 <= part.earned <= part.possible for part in result.parts)
    earned = sum(part.earned for part in result.parts)
    assert result.percent == earned * 100 // sum(part.possible for part in result.parts)
    assert bool(result.knockouts) <= (result.tier == 4)


@given(any_answers, st.sampled_from(sorted(choice)), st.data())
def test_a_better_answer_never_makes_the_score_worse(answers, key, data):
    question = ONBOARDING.by_key[key]
    if question.takes != "one":
        return
    low, high = sorted(
        data.draw(st.lists(st.sampled_from(question.choices), min_size=2, max_size=2)),
        key=lambda option: option.score,
    )

    worse = score(ONBOARDING, {**answers, key: low.key})
    better = score(ONBOARDING, {**answers, key: high.key})

    assert better.percent >= worse.percent


def broken(change):
    document = copy.deepcopy(DOCUMENT)
    change(document["sections"][0]["questions"], document)
    return document


@pytest.mark.parametrize(
    "change",
    [
        lambda _, document: document.pop("title"),
        lambda _, document: document.update(sections=[]),
        lambda _, document: document.update(sections=document["sections"] * 2),
        lambda questions, _: questions[0].update(kind="essay"),
        lambda questions, _: questions[0].update(key="No Key"),
        lambda questions, _: questions[0].update(weight=3),
        lambda questions, _: questions[1].update(choices=[]),
        lambda questions, _: questions[1]["choices"][0].update(score=101),
        lambda questions, _: questions[1]["choices"][0].update(colour="red"),
        lambda questions, _: questions[2].update(visible_if={"eq": ["nothing", "x"]}),
        lambda questions, _: questions[0].update(visible_if={"answered": "admin-mfa"}),
        lambda _, document: document.update(sections=7),
    ],
)
def test_a_document_that_would_not_work_is_refused(change):
    with pytest.raises(BrokenContent):
        content.read(broken(change))


@pytest.mark.parametrize(
    ("key", "given_texts"),
    [
        ("admin-mfa", ["maybe"]),
        ("admin-mfa", ["code", "some"]),
        ("logging", ["tokens", "nothing"]),
        ("retention-days", ["-1"]),
        ("retention-days", ["1.5"]),
        ("retention-days", ["٣"]),
        ("retention-days", ["9999999"]),
        ("breach-contact", ["nobody"]),
        ("security-owner", ["x" * 201]),
        ("security-owner", ["a\x00b"]),
    ],
)
def test_an_answer_that_does_not_suit_its_question_is_refused(key, given_texts):
    with pytest.raises(WrongAnswer):
        ONBOARDING.by_key[key].clean(given_texts)


def test_answers_are_kept_typed_and_in_the_order_of_the_choices():
    assert ONBOARDING.by_key["retention-days"].clean([" 30 "]) == 30
    assert ONBOARDING.by_key["logging"].clean(["health", "tokens"]) == ["tokens", "health"]
    assert ONBOARDING.by_key["security-owner"].clean(["  "]) is None
