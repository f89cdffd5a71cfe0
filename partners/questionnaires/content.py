"""What a questionnaire asks, read from its JSON document and refused when it cannot work."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from partners.organizations.countries import NAME_OF
from partners.questionnaires import cleaning, visibility
from partners.questionnaires.values import AGREED, TAKES, Kind, Value
from partners.questionnaires.visibility import BrokenCondition, Condition

_SEMVER = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})")


class BrokenContent(ValueError):
    """A document that cannot become a questionnaire, with the reason."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`score` is 0 to 100; `knockout` says why nobody can be approved with this answer."""

    key: str
    label: str
    hint: str = ""
    score: int = 0
    knockout: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a table, or a column of a list of records."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """`maps_from` names keys of earlier versions that asked the same under another name."""

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
    rows: tuple[Place, ...] = ()
    columns: tuple[Place, ...] = ()
    visible_if: Condition | None = None
    is_na_allowed: bool = False
    maps_from: tuple[str, ...] = ()
    control_refs: tuple[str, ...] = ()
    reuse_key: str = ""
    max_age_days: int | None = None

    @property
    def takes(self) -> str:
        return TAKES.get(self.kind, "text")

    @property
    def options(self) -> frozenset[str]:
        if self.kind == Kind.COUNTRIES:
            return frozenset(NAME_OF)
        if self.kind == Kind.ATTESTATION:
            return frozenset({AGREED})
        return frozenset(choice.key for choice in self.choices)

    def chosen(self, value: Value | None) -> list[Choice]:
        """Return the choices of an answer; a table's once for each row."""
        if isinstance(value, dict):
            by_key = {choice.key: choice for choice in self.choices}
            return [by_key[key] for key in value.values() if key in by_key]
        keys = value if isinstance(value, list) else [value]
        return [choice for choice in self.choices if choice.key in keys]

    def in_words(self, value: Value | None) -> str:
        """Return an answer as a person reads it."""
        if value is None:
            return "Not answered"
        if isinstance(value, dict):
            label_of = {choice.key: choice.label for choice in self.choices}
            return "; ".join(f"{row.label}: {label_of[value[row.key]]}" for row in self.rows)
        if self.choices:
            return "; ".join(choice.label for choice in self.chosen(value))
        if self.kind == Kind.ATTESTATION:
            return "Confirmed"
        if isinstance(value, list):
            return "; ".join(_in_words(item) for item in value)
        return f"{value} {self.unit}".strip()

    def clean(self, given: Sequence[str]) -> Value | None:
        return cleaning.clean(self, given)


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
    valid_months: int = 12
    # Which questions tell of `countries` and `suppliers`; see `reach`.
    exposure: Mapping[str, str] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    def section_of(self, key: str) -> Section | None:
        found = (s for s in self.sections if any(question.key == key for question in s.questions))
        return next(found, None)

    def visible(self, answers: Mapping[str, Value]) -> list[str]:
        return visibility.visible(self.questions, answers)


def semver_of(text: str) -> tuple[int, int, int]:
    """Return the three numbers of a version, in the order in which versions follow each other."""
    found = _SEMVER.fullmatch(text)
    if found is None:
        raise BrokenContent(f"{text!r} is no version: use three numbers, such as 1.2.0.")
    major, minor, patch = (int(number) for number in found.groups())
    return major, minor, patch


def check(document: Mapping[str, Any]) -> Content:
    """Hold a document to the schema and read it; raise `BrokenContent` where either fails."""
    try:
        for error in _schema().iter_errors(dict(document)):
            place = "/".join(str(step) for step in error.instance_path) or "the document"
            raise BrokenContent(f"{place}: {error.message}")
    except (ValueError, RecursionError) as error:
        if isinstance(error, BrokenContent):
            raise
        raise BrokenContent(str(error)) from error
    semver_of(str(document["version"]))
    return read(document)


def read(document: Mapping[str, Any]) -> Content:
    """Read a document; raise `BrokenContent` with the reason when it would not work."""
    try:
        sections = tuple(
            _section(raw, number) for number, raw in enumerate(document["sections"], start=1)
        )
        questions = [question for section in sections for question in section.questions]
        visibility.check(questions)
        codes = {section.code for section in sections}
        if len(codes) != len(sections) or not sections or codes & RESERVED:
            raise BrokenContent("Give each section a code of its own.")
        return Content(
            title=str(document["title"]),
            lead=str(document.get("lead", "")),
            sections=sections,
            by_key={question.key: question for question in questions},
            valid_months=int(document.get("valid_months", 12)),
            exposure=dict(document.get("exposure", {})),
        )
    except (BrokenCondition, KeyError, TypeError, AttributeError) as error:
        raise BrokenContent(f"{type(error).__name__}: {error}") from error


# These stand in addresses where a section's code would.
RESERVED = frozenset({"send", "newer", "helpers", "renew", "library"})


@cache
def _schema() -> jsonschema_rs.Validator:
    text = (files("partners.questionnaires") / "questionnaire.schema.json").read_text("utf-8")
    return jsonschema_rs.validator_for(
        json.loads(text), mask="this value", pattern_options=jsonschema_rs.RegexOptions()
    )


def _section(raw: Mapping[str, Any], number: int) -> Section:
    questions: list[Question] = []
    place = letter = 0
    for question in raw["questions"]:
        # What is asked only after another answer is 3.1a, so that nobody misses a 3.2.
        place, letter = (place, letter + 1) if "visible_if" in question else (place + 1, 0)
        questions.append(_question(question, f"{number}.{place}{_LETTERS[letter - 1 : letter]}"))
    return Section(_key(raw["code"]), str(raw["title"]), str(raw.get("lead", "")), tuple(questions))


def _question(raw: Mapping[str, Any], number: str) -> Question:
    key = _key(raw["key"])
    if raw["kind"] not in set(Kind):
        raise BrokenContent(f"{key} is of no known kind.")
    kind = Kind(raw["kind"])
    choices = tuple(Choice(**choice) for choice in raw.get("choices", ()))
    rows = tuple(Place(**row) for row in raw.get("rows", ()))
    columns = tuple(Place(**column) for column in raw.get("columns", ()))
    weight = int(raw.get("weight", 0))
    for wrong, why in (
        (bool(choices) != (kind in _CHOOSING), "choices belong to questions that offer them."),
        (bool(rows) != (kind == Kind.TABLE), "rows belong to a table."),
        (bool(columns) != (kind == Kind.RECORDS), "columns belong to a list of records."),
        (any(not 0 <= choice.score <= 100 for choice in choices), "a score is 0 to 100."),
        (weight and not choices, "only choices can be weighed."),
        (any(_repeats(places) for places in (choices, rows, columns)), "a key stands there twice."),
    ):
        if wrong:
            raise BrokenContent(f"{key}: {why}")
    condition = raw.get("visible_if")
    return Question(
        key=key,
        number=number,
        kind=kind,
        text=str(raw["text"]),
        hint=str(raw.get("hint", "")),
        why=str(raw.get("why", "")),
        unit=str(raw.get("unit", "")),
        is_required=bool(raw.get("required", True)),
        weight=weight,
        choices=choices,
        rows=rows,
        columns=columns,
        visible_if=None if condition is None else visibility.parse(condition),
        is_na_allowed=bool(raw.get("na_allowed", False)),
        maps_from=tuple(raw.get("maps_from", ())),
        control_refs=tuple(raw.get("control_refs", ())),
        reuse_key=str(raw.get("reuse_key", "")),
        max_age_days=raw.get("max_age_days"),
    )


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CHOOSING = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.TABLE})
_KEY = re.compile(r"[a-z][a-z0-9-]{1,59}")


def _repeats(places: Sequence[Choice | Place]) -> bool:
    return len({place.key for place in places}) != len(places)


def _key(raw: object) -> str:
    if not isinstance(raw, str) or not _KEY.fullmatch(raw):
        raise BrokenContent(f"{raw!r} is no key: use small letters, digits and hyphens.")
    return raw


def _in_words(item: str | dict[str, str]) -> str:
    return ", ".join(item.values()) if isinstance(item, dict) else NAME_OF.get(item, item)
