"""When a question is asked: conditions over earlier answers, in three-valued logic.

A comparison with a question that was not answered, or is itself hidden, is neither true nor false;
nor is its negation. A question is asked only when its condition is true, so whatever hangs on a
hidden question is hidden too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from partners.questionnaires.values import Value

MAX_DEPTH = 8
MAX_REFERENCES = 20


class BrokenCondition(ValueError):
    """A condition that cannot mean anything, with the reason."""


@dataclass(frozen=True, slots=True)
class Compare:
    """`op` is eq, neq, in, contains, gt, lt or answered; `value` is what the answer is held to."""

    op: str
    key: str
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """`op` is all or any."""

    op: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Compare | Join | Not


class Asked(Protocol):
    """What visibility needs to know of a question. `takes` is one, many, text, number or date."""

    @property
    def key(self) -> str: ...
    @property
    def takes(self) -> str: ...
    @property
    def options(self) -> frozenset[str]: ...
    @property
    def visible_if(self) -> Condition | None: ...


def parse(raw: object, *, depth: int = 1) -> Condition:
    """Read a condition: an object with one operator.

    `all` and `any` hold a list of conditions, `not` one, `answered` a key; eq, neq, in, contains,
    gt and lt hold a key and a value.
    """
    if depth > MAX_DEPTH:
        raise BrokenCondition(f"A condition is nested more than {MAX_DEPTH} deep.")
    if not isinstance(raw, dict) or len(raw) != 1:
        raise BrokenCondition("A condition is an object with one operator.")
    ((op, body),) = raw.items()
    if op in {"all", "any"}:
        if not isinstance(body, list) or not body:
            raise BrokenCondition(f"“{op}” takes a list of conditions.")
        return Join(op, tuple(parse(part, depth=depth + 1) for part in body))
    if op == "not":
        return Not(parse(body, depth=depth + 1))
    if op == "answered":
        if not isinstance(body, str):
            raise BrokenCondition("“answered” takes the key of a question.")
        return Compare(op, body)
    if op not in _COMPARISONS:
        raise BrokenCondition(f"There is no operator “{op}”.")
    if not isinstance(body, list) or len(body) != 2 or not isinstance(body[0], str):
        raise BrokenCondition(f"“{op}” takes the key of a question and a value.")
    return Compare(op, body[0], body[1])


def as_json(condition: Condition) -> dict[str, object]:
    """Return the object that `parse` reads."""
    match condition:
        case Compare("answered", key):
            return {"answered": key}
        case Compare(op, key, value):
            return {op: [key, value]}
        case Not(part):
            return {"not": as_json(part)}
        case Join(op, parts):
            return {op: [as_json(part) for part in parts]}


def references(condition: Condition) -> list[Compare]:
    match condition:
        case Compare():
            return [condition]
        case Not(part):
            return references(part)
        case Join(_, parts):
            return [reference for part in parts for reference in references(part)]


def check(questions: Sequence[Asked]) -> None:
    """Refuse what would be silently hidden or shown: unknown keys, forward looks, wrong types.

    Looking back only, no circle can arise.
    """
    earlier: dict[str, Asked] = {}
    known = {question.key for question in questions}
    for question in questions:
        if question.key in earlier:
            raise BrokenCondition(f"Two questions have the key {question.key}.")
        if question.visible_if is not None:
            found = references(question.visible_if)
            if len(found) > MAX_REFERENCES:
                raise BrokenCondition(
                    f"{question.key} looks at more than {MAX_REFERENCES} answers."
                )
            for reference in found:
                if reference.key not in known:
                    raise BrokenCondition(f"{question.key} looks at {reference.key}, unknown.")
                if reference.key not in earlier:
                    raise BrokenCondition(f"{question.key} looks ahead at {reference.key}.")
                _check_types(reference, earlier[reference.key])
        earlier[question.key] = question


def visible(questions: Sequence[Asked], answers: Mapping[str, Value]) -> list[str]:
    """Return the keys of the questions that are asked, in order."""
    shown: dict[str, Value] = {}
    keys: list[str] = []
    for question in questions:
        if question.visible_if is None or holds(question.visible_if, shown):
            keys.append(question.key)
            if question.key in answers:
                shown[question.key] = answers[question.key]
    return keys


def holds(condition: Condition, answers: Mapping[str, Value]) -> bool | None:
    """Return whether it is true, false, or not known yet (None)."""
    match condition:
        case Compare("answered", key):
            return key in answers
        case Compare(op, key, value):
            return _COMPARISONS[op](answers[key], value) if key in answers else None
        case Not(part):
            outcome = holds(part, answers)
            return None if outcome is None else not outcome
        case Join(op, parts):
            decisive = op == "any"
            outcomes = [holds(part, answers) for part in parts]
            if decisive in outcomes:
                return decisive
            return None if None in outcomes else not decisive


_COMPARISONS: dict[str, Callable[..., bool]] = {
    "eq": lambda given, wanted: given == wanted,
    "neq": lambda given, wanted: given != wanted,
    "in": lambda given, wanted: given in wanted,
    "contains": lambda given, wanted: wanted in given,
    "gt": lambda given, wanted: given > wanted,
    "lt": lambda given, wanted: given < wanted,
}
# What an operator can be asked of, by what the question takes.
_SUITS = {
    "one": {"eq", "neq", "in", "answered"},
    "many": {"contains", "answered"},
    "number": {"eq", "neq", "gt", "lt", "answered"},
    "date": {"eq", "neq", "gt", "lt", "answered"},
    "text": {"answered"},
}


def _check_types(reference: Compare, question: Asked) -> None:
    op, value = reference.op, reference.value
    if op not in _SUITS[question.takes]:
        raise BrokenCondition(f"“{op}” does not suit {question.key}.")
    if op == "answered":
        return
    if question.takes == "number":
        if not isinstance(value, int) or isinstance(value, bool):
            raise BrokenCondition(f"{question.key} is compared with something else than a number.")
        return
    if question.takes == "date":
        if not _is_date(value):
            raise BrokenCondition(f"{question.key} is compared with something else than a date.")
        return
    wanted = value if op == "in" else [value]
    if not isinstance(wanted, list) or not wanted:
        raise BrokenCondition("“in” takes a list of choices.")
    if unknown := [choice for choice in wanted if choice not in question.options]:
        raise BrokenCondition(f"{question.key} has no choice {unknown[0]}.")


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
