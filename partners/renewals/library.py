"""What an organization has said before, kept by what it is about and not by where it was asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from partners.organizations.models import Organization
from partners.questionnaires.carrying import Carried, still_taken
from partners.questionnaires.content import Question
from partners.questionnaires.models import Answer, Assignment


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with the question that it answered, and where and when that was."""

    question: Question
    answer: Answer
    title: str

    @property
    def words(self) -> str:
        if self.answer.na_reason:
            return f"Does not apply: {self.answer.na_reason}"
        return self.question.in_words(self.answer.value)

    @property
    def given_at(self) -> datetime:
        return self.answer.updated_at

    @property
    def from_words(self) -> str:
        return f"“{self.title}”, answered on {self.given_at:%-d %B %Y}"


def reuse_key(question: Question) -> str:
    return question.reuse_key or question.key


def kept_answers(
    organization: Organization, *, besides: Assignment | None = None
) -> dict[str, Kept]:
    """Return the newest answer to each thing, of those that somebody stood for."""
    kept: dict[str, Kept] = {}
    for assignment in Assignment.objects.of(organization).prefetch_related("answers__updated_by"):
        if assignment != besides:
            for one in _of(assignment):
                key = reuse_key(one.question)
                if key not in kept or kept[key].given_at < one.given_at:
                    kept[key] = one
    return kept


def matching(assignment: Assignment, known: dict[str, Kept]) -> Iterator[Carried]:
    """Yield what answers this questionnaire: by reuse key, or else by naming the same controls."""
    by_controls = _by_controls(known.values())
    for question in assignment.version.content.questions:
        one = known.get(reuse_key(question)) or by_controls.get(_controls(question))
        if one is None or one.question.kind != question.kind:
            continue
        value = still_taken(question, one.answer.value)
        reason = one.answer.na_reason if question.is_na_allowed else ""
        if value is not None or reason:
            yield Carried(
                question.key,
                value,
                reason,
                Answer.Origin.REUSED,
                one.from_words,
                one.answer.updated_by,
            )


def _of(assignment: Assignment) -> Iterator[Kept]:
    by_key = assignment.version.content.by_key
    for answer in assignment.answers.all():
        question = by_key.get(answer.key)
        if question is not None and answer.is_confirmed and (answer.value or answer.na_reason):
            yield Kept(question, answer, assignment.version.content.title)


def _controls(question: Question) -> frozenset[str]:
    return frozenset(question.control_refs)


def _by_controls(kept: Iterable[Kept]) -> dict[frozenset[str], Kept]:
    """Return those that are alone in naming just these controls; of two nobody knows which."""
    found: dict[frozenset[str], list[Kept]] = {}
    for one in kept:
        if controls := _controls(one.question):
            found.setdefault(controls, []).append(one)
    return {controls: ones[0] for controls, ones in found.items() if len(ones) == 1}
