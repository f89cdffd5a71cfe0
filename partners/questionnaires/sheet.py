"""A questionnaire as it is laid out: sections with their progress, questions with their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from partners.questionnaires.content import Content, Question, Section
from partners.questionnaires.models import Answer, Assignment, Submission
from partners.questionnaires.values import Value
from partners.questionnaires.visibility import Compare
from portal.errors import Refused


@dataclass(slots=True)
class Line:
    """A question on a page. `follow_ups` open when one of the choices in `reveals` is chosen."""

    question: Question
    given: list[str]
    revision: int
    refusal: Refused | None = None
    their_revision: int | None = None
    reveals: set[str] = field(default_factory=set)
    follow_ups: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Progress:
    section: Section
    place: int
    answered_count: int
    asked_count: int

    @property
    def is_done(self) -> bool:
        return self.answered_count == self.asked_count


@dataclass(frozen=True, slots=True)
class Told:
    question: Question
    words: str
    knockout: str


def progress(content: Content, values: Mapping[str, Value]) -> list[Progress]:
    """Return how far each section is; what need not be answered does not count."""
    visible = set(content.visible(values))
    rows = []
    for place, section in enumerate(content.sections, start=1):
        asked = [q for q in section.questions if q.key in visible and q.is_required]
        answered = sum(question.key in values for question in asked)
        rows.append(Progress(section, place, answered, len(asked)))
    return rows


def lines(
    assignment: Assignment,
    section: Section,
    *,
    posted: Mapping[str, Sequence[str]] | None = None,
    refused: Mapping[str, Refused] | None = None,
) -> list[Line]:
    """Return the questions of a page; what a person just wrote stands before what is kept.

    A follow-up to a choice on the same page is laid out inside it, open or not, so that it appears
    without a round trip. Any other hidden question is left out.
    """
    answers = {answer.key: answer for answer in assignment.answers.all()}
    visible = set(assignment.version.content.visible(assignment.values()))
    rows: dict[str, Line] = {}
    page: list[Line] = []
    for question in section.questions:
        line = _line(question, answers.get(question.key), posted or {}, refused or {})
        parent = rows.get(_leader_of(question))
        if parent is not None:
            parent.follow_ups.append(line)
            parent.reveals |= _opening(question)
        elif question.key in visible:
            page.append(line)
            rows[question.key] = line
    return page


def told(submission: Submission) -> list[tuple[Section, list[Told]]]:
    """Return what was sent, section by section, in words."""
    answers = submission.snapshot["answers"]
    content = submission.assignment.version.content
    visible = set(content.visible(answers))
    return [
        (
            section,
            [
                Told(
                    question,
                    question.in_words(answers.get(question.key)),
                    " ".join(
                        choice.knockout for choice in question.chosen(answers.get(question.key))
                    ).strip(),
                )
                for question in section.questions
                if question.key in visible
            ],
        )
        for section in content.sections
    ]


def _line(
    question: Question,
    answer: Answer | None,
    posted: Mapping[str, Sequence[str]],
    refused: Mapping[str, Refused],
) -> Line:
    given = list(posted[question.key]) if question.key in posted else _texts(answer)
    refusal = refused.get(question.key)
    theirs = getattr(refusal, "answer", None)
    return Line(
        question,
        given,
        answer.revision if answer and theirs is None else 0,
        refusal,
        theirs.revision if theirs else None,
    )


def _texts(answer: Answer | None) -> list[str]:
    if answer is None or answer.value is None:
        return []
    return answer.value if isinstance(answer.value, list) else [str(answer.value)]


def _leader_of(question: Question) -> str:
    match question.visible_if:
        case Compare("eq" | "in", key):
            return key
    return ""


def _opening(question: Question) -> set[str]:
    match question.visible_if:
        case Compare("eq", _, str(value)):
            return {value}
        case Compare("in", _, list(values)):
            return set(values)
    return set()
