"""What a questionnaire asks, read from its JSON document and refused when it cannot work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from partners.questionnaires import visibility
from partners.questionnaires.visibility import BrokenCondition, Condition, Value

_KEY = re.compile(r"[a-z][a-z0-9-]{1,59}")
MAX_TEXT = 2000
MAX_NUMBER = 1_000_000


class BrokenContent(ValueError):
    """A document that cannot become a questionnaire, with the reason."""


class WrongAnswer(ValueError):
    """An answer that the question cannot take; the message is for the person who gave it."""


class Kind(StrEnum):
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    NUMBER = "number"


_TAKES = {Kind.CHOICE: "one", Kind.CHOICES: "many", Kind.NUMBER: "number"}


@dataclass(frozen=True, slots=True)
class Choice:
    """`score` is 0 to 100; `knockout` says why nobody can be approved with this answer."""

    key: str
    label: str
    hint: str = ""
    score: int = 0
    knockout: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    key: str
    number: str
    kind: Kind
    text: str
    hint: str = ""
    why: str = ""
    unit: str = ""
    is_required: bool = True
    weight: int = 0
    choices: tuple[Choice, ...] = ()
    visible_if: Condition | None = None

    @property
    def takes(self) -> str:
        return _TAKES.get(self.kind, "text")

    @property
    def options(self) -> frozenset[str]:
        return frozenset(choice.key for choice in self.choices)

    def chosen(self, value: Value | None) -> list[Choice]:
        keys = value if isinstance(value, list) else [value]
        return [choice for choice in self.choices if choice.key in keys]

    def in_words(self, value: Value | None) -> str:
        """Return an answer as a person reads it."""
        if value is None:
            return "Not answered"
        if self.choices:
            return "; ".join(choice.label for choice in self.chosen(value))
        return f"{value} {self.unit}".strip()

    def clean(self, given: Sequence[str]) -> Value | None:
        """Return the typed value of what a form or a program sent; None when that is nothing."""
        given = [text.strip().replace("\r\n", "\n") for text in given if text.strip()]
        if not given:
            return None
        if any("\x00" in text for text in given):
            raise WrongAnswer("Leave out the NUL character.")
        if self.kind == Kind.CHOICES:
            if not self.options.issuperset(given):
                raise WrongAnswer("Choose from the list.")
            return [choice.key for choice in self.choices if choice.key in given]
        if len(given) > 1:
            raise WrongAnswer("Give one answer.")
        return self._clean_one(given[0])

    def _clean_one(self, text: str) -> Value:
        if self.kind == Kind.CHOICE and text not in self.options:
            raise WrongAnswer("Choose from the list.")
        if self.kind == Kind.NUMBER:
            if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) > MAX_NUMBER:
                raise WrongAnswer(f"Give a whole number from 0 to {MAX_NUMBER}.")
            return int(text)
        if self.kind == Kind.EMAIL and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
            raise WrongAnswer("Give an e-mail address, such as security@company.example.")
        limit = MAX_TEXT if self.kind == Kind.LONG_TEXT else 200
        if len(text) > limit:
            raise WrongAnswer(f"Use at most {limit} characters.")
        return text


@dataclass(frozen=True, slots=True)
class Section:
    code: str
    title: str
    lead: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Content:
    title: str
    lead: str
    sections: tuple[Section, ...]
    by_key: Mapping[str, Question] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    def visible(self, answers: Mapping[str, Value]) -> list[str]:
        return visibility.visible(self.questions, answers)


def read(document: Mapping[str, Any]) -> Content:
    """Read a document; raise `BrokenContent` with the reason when it would not work."""
    try:
        sections = tuple(
            _section(raw, number) for number, raw in enumerate(document["sections"], start=1)
        )
        questions = [question for section in sections for question in section.questions]
        visibility.check(questions)
        codes = {section.code for section in sections}
        if len(codes) != len(sections) or not sections or "send" in codes:
            raise BrokenContent("Give each section a code of its own.")
        return Content(
            title=str(document["title"]),
            lead=str(document.get("lead", "")),
            sections=sections,
            by_key={question.key: question for question in questions},
        )
    except (BrokenCondition, KeyError, TypeError, AttributeError) as error:
        raise BrokenContent(f"{type(error).__name__}: {error}") from error


def _section(raw: Mapping[str, Any], number: int) -> Section:
    code = _key(raw["code"])
    questions: list[Question] = []
    place = letter = 0
    for question in raw["questions"]:
        # What is asked only after another answer is 3.1a, so that nobody misses a 3.2.
        place, letter = (place, letter + 1) if "visible_if" in question else (place + 1, 0)
        questions.append(
            _question(question, f"{number}.{place}{'abcdefghij'[letter - 1 : letter]}")
        )
    return Section(code, str(raw["title"]), str(raw.get("lead", "")), tuple(questions))


def _question(raw: Mapping[str, Any], number: str) -> Question:
    if raw["kind"] not in set(Kind):
        raise BrokenContent(f"{raw['key']} is of no known kind.")
    kind = Kind(raw["kind"])
    choices = tuple(Choice(**choice) for choice in raw.get("choices", ()))
    if bool(choices) != (kind in {Kind.CHOICE, Kind.CHOICES}):
        raise BrokenContent(f"{raw['key']}: choices belong to questions that offer them.")
    if any(not 0 <= choice.score <= 100 for choice in choices):
        raise BrokenContent(f"{raw['key']}: a score is 0 to 100.")
    weight = int(raw.get("weight", 0))
    if weight and not choices:
        raise BrokenContent(f"{raw['key']}: only choices can be weighed.")
    condition = raw.get("visible_if")
    return Question(
        key=_key(raw["key"]),
        number=number,
        kind=kind,
        text=str(raw["text"]),
        hint=str(raw.get("hint", "")),
        why=str(raw.get("why", "")),
        unit=str(raw.get("unit", "")),
        is_required=bool(raw.get("required", True)),
        weight=weight,
        choices=choices,
        visible_if=None if condition is None else visibility.parse(condition),
    )


def _key(raw: object) -> str:
    if not isinstance(raw, str) or not _KEY.fullmatch(raw):
        raise BrokenContent(f"{raw!r} is no key: use small letters, digits and hyphens.")
    return raw
