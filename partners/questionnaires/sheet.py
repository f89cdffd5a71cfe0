"""A questionnaire as it is laid out: sections with their progress, questions with their state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from partners.organizations.countries import NAME_OF
from partners.questionnaires import visibility
from partners.questionnaires.answering import Given
from partners.questionnaires.cleaning import MAX_RECORDS
from partners.questionnaires.content import Content, Question, Section
from partners.questionnaires.models import Answer, Assignment, Submission
from partners.questionnaires.values import Value
from partners.questionnaires.visibility import Compare
from portal.errors import Refused

SPARE_RECORDS = 2


@dataclass(slots=True)
class Line:
    """A question on a page. `follow_ups` open when one of the choices in `reveals` is chosen.

    `given` is what stands in the fields: a value that is kept, or just as it was posted.
    """

    question: Question
    given: Value | None
    revision: int
    refusal: Refused | None = None
    their_revision: int | None = None
    na_reason: str | None = None
    carried_from: str = ""
    is_confirmed: bool = True
    is_asked: bool = True
    reveals: set[str] = field(default_factory=set)
    follow_ups: list[Line] = field(default_factory=list)

    @property
    def chosen(self) -> Sequence[str]:
        if isinstance(self.given, list):
            return [item for item in self.given if isinstance(item, str)]
        return [] if self.given is None else [str(self.given)]

    @property
    def countries(self) -> list[tuple[str, str]]:
        return sorted(NAME_OF.items(), key=lambda item: item[1])

    @property
    def text(self) -> str:
        return "" if self.given is None or isinstance(self.given, list | dict) else str(self.given)

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Return key, label and choice of each row of a table."""
        chosen = self.given if isinstance(self.given, dict) else {}
        return [(row.key, row.label, chosen.get(row.key, "")) for row in self.question.rows]

    @property
    def records(self) -> list[list[tuple[str, str, str]]]:
        """Return the name of the field, label and text of each cell, some empty records last."""
        given = self.given if isinstance(self.given, list) else []
        records = [item for item in given if isinstance(item, dict)]
        records += [{}] * min(SPARE_RECORDS, MAX_RECORDS - len(records))
        key, columns = self.question.key, self.question.columns
        return [
            [(f"{key}.{place}.{c.key}", c.label, cells.get(c.key, "")) for c in columns]
            for place, cells in enumerate(records)
        ]


@dataclass(frozen=True, slots=True)
class Progress:
    section: Section
    place: int
    answered_count: int
    asked_count: int
    helper: str = ""

    @property
    def is_done(self) -> bool:
        return self.answered_count == self.asked_count


@dataclass(frozen=True, slots=True)
class Told:
    question: Question
    words: str
    knockout: str


def progress(
    content: Content,
    values: Mapping[str, Value],
    not_applicable: Mapping[str, str],
    helpers: Mapping[str, str] | None = None,
) -> list[Progress]:
    """Return how far each section is; what need not be answered does not count."""
    visible = set(content.visible(values))
    rows = []
    for place, section in enumerate(content.sections, start=1):
        asked = [q for q in section.questions if q.key in visible and q.is_required]
        answered = sum(q.key in values or q.key in not_applicable for q in asked)
        helper = (helpers or {}).get(section.code, "")
        rows.append(Progress(section, place, answered, len(asked), helper))
    return rows


def lines(
    assignment: Assignment,
    section: Section,
    *,
    posted: Mapping[str, Given] | None = None,
    refused: Mapping[str, Refused] | None = None,
) -> list[Line]:
    """Return the questions of a page; what a person just wrote stands before what is kept.

    A follow-up to a choice on the same page is laid out inside it, open or not, so that it appears
    without a round trip. What is not asked, given the answers of now, is there for the script.
    """
    answers = {answer.key: answer for answer in assignment.answers.all()}
    visible = set(assignment.version.content.visible(assignment.values()))
    rows: dict[str, Line] = {}
    page: list[Line] = []
    for question in section.questions:
        key = question.key
        line = _line(question, answers.get(key), (posted or {}).get(key), (refused or {}).get(key))
        line.is_asked = key in visible
        rows[key] = line
        parent = rows.get(_leader_of(question))
        if parent is not None and parent.question.choices:
            parent.follow_ups.append(line)
            parent.reveals |= _opening(question)
        else:
            page.append(line)
    return page


def behind(assignment: Assignment, section: Section | None = None) -> dict[str, Any]:
    """Return what the page's script decides with: conditions, and the answers of other pages."""
    here = {question.key for question in section.questions} if section else set()
    return {
        "assignment": assignment.pk,
        "questions": [
            {"key": q.key, "visible_if": q.visible_if and visibility.as_json(q.visible_if)}
            for q in assignment.version.content.questions
        ],
        "answers": {k: value for k, value in assignment.values().items() if k not in here},
    }


def told(submission: Submission) -> list[tuple[Section, list[Told]]]:
    """Return what was sent, section by section, in words."""
    answers = submission.snapshot["answers"]
    left_out = submission.snapshot.get("not_applicable", {})
    content = submission.assignment.version.content
    visible = set(content.visible(answers))
    return [
        (
            section,
            [
                Told(
                    question,
                    in_words(question, answers.get(question.key), left_out.get(question.key, "")),
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


def in_words(question: Question, value: Value | None, na_reason: str) -> str:
    return f"Does not apply: {na_reason}" if na_reason else question.in_words(value)


def _line(
    question: Question, answer: Answer | None, posted: Given | None, refusal: Refused | None
) -> Line:
    theirs = getattr(refusal, "answer", None)
    line = Line(
        question,
        answer.value if answer else None,
        answer.revision if answer and theirs is None else 0,
        refusal,
        theirs.revision if theirs else None,
        na_reason=answer.na_reason or None if answer else None,
        carried_from=answer.carried_from if answer else "",
        is_confirmed=answer.is_confirmed if answer else True,
    )
    if posted is not None and refusal is not None:
        line.given, line.na_reason = _as_posted(question, posted), posted.na_reason
    return line


def _as_posted(question: Question, posted: Given) -> Value | None:
    """Return texts that were refused in the shape in which the fields show them."""
    texts = list(posted.value)
    if question.rows:
        return dict(text.split("=", 1) for text in texts if "=" in text)
    if question.columns:
        return [dict(json.loads(text)) for text in texts]
    return texts if question.takes == "many" else "\n".join(texts)


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
            return {str(value) for value in values}
    return set()
