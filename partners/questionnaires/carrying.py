"""Which answers mean the same in another version or a year later, and so come along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from partners.questionnaires import evidence
from partners.questionnaires.cleaning import texts_of
from partners.questionnaires.content import Content, Question
from partners.questionnaires.models import Answer, Assignment
from partners.questionnaires.values import Kind, Value, WrongAnswer
from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Carried:
    key: str
    value: Value | None
    na_reason: str
    origin: Answer.Origin
    from_words: str
    given_by: User


@dataclass(frozen=True, slots=True)
class Changes:
    """How a questionnaire differs from the one before it, question by question."""

    added: tuple[Question, ...]
    removed: tuple[Question, ...]
    reworded: tuple[tuple[Question, Question], ...]
    same: tuple[Question, ...]


def changes_between(before: Content, after: Content) -> Changes:
    old_of = {question.key: _old(question, before.by_key) for question in after.questions}
    taken = {old.key for old in old_of.values() if old is not None}
    reworded, same = [], []
    for question in after.questions:
        old = old_of[question.key]
        if old is not None and _wording(old) != _wording(question):
            reworded.append((old, question))
        elif old is not None:
            same.append(question)
    return Changes(
        added=tuple(q for q in after.questions if old_of[q.key] is None),
        removed=tuple(q for q in before.questions if q.key not in taken),
        reworded=tuple(reworded),
        same=tuple(same),
    )


def carried_answers(
    content: Content, answers: Iterable[Answer], *, from_words: str
) -> list[Carried]:
    """Return the answers under the same key, or one that it maps from, which it still takes."""
    by_key = {answer.key: answer for answer in answers}
    carried = []
    for question in content.questions:
        answer = next((by_key[k] for k in (question.key, *question.maps_from) if k in by_key), None)
        if answer is None:
            continue
        value = still_taken(question, answer.value)
        reason = answer.na_reason if question.is_na_allowed else ""
        if value is not None or reason:
            origin = Answer.Origin.REUSED
            carried.append(
                Carried(question.key, value, reason, origin, from_words, answer.updated_by)
            )
    return carried


def without_old_files(
    assignment: Assignment, carried: Iterable[Carried], *, at: datetime
) -> list[Carried]:
    """Leave out files that are too old for their question, and answers that were only those."""
    kept = []
    for one in carried:
        question = assignment.version.content.by_key[one.key]
        if question.kind != Kind.FILES or not isinstance(one.value, list):
            kept.append(one)
            continue
        days = question.max_age_days
        fresh = evidence.fresh(
            assignment.organization_id,
            [str(name) for name in one.value],
            since=at - timedelta(days=days) if days else None,
        )
        if fresh:
            kept.append(replace(one, value=fresh))
    return kept


def still_taken(question: Question, value: Value | None) -> Value | None:
    """Return the value if the question takes it as it stands, and nothing otherwise."""
    try:
        return value if question.clean(texts_of(value)) == value else None
    except WrongAnswer:
        return None


def _old(question: Question, before: Mapping[str, Question]) -> Question | None:
    return next((before[key] for key in (question.key, *question.maps_from) if key in before), None)


def _wording(question: Question) -> tuple[object, ...]:
    labels = tuple((choice.key, choice.label) for choice in question.choices)
    places = tuple(place.label for place in (*question.rows, *question.columns))
    return question.text, question.hint, labels, places
