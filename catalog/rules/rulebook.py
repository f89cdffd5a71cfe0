"""The rules that a description is read by: what each asks, why, and what a breach of it costs.

The texts and examples are in `book/`, one file for each group. The functions that look for
breaches are in `catalog.specs`; this module knows none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

ERROR, WARNING, INFO, OFF = "error", "warning", "info", "off"
LEVELS = (ERROR, WARNING, INFO)
BOOK = Path(__file__).parent / "book"


@dataclass(frozen=True, slots=True)
class Rule:
    """`weight` is what a breach can take from the 100 points of the grade: 0 leaves it alone.

    A rule that is fixed protects customers: its level is nobody's to change. `bad` and `good` are
    parts of a document; the tests complete them and read them.
    """

    code: str
    number: int
    severity: str
    title: str
    why: str
    bad: str
    good: str
    group: str
    weight: int = 0
    is_fixed: bool = False

    @property
    def name(self) -> str:
        return f"R{self.number}"


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: str
    about: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A breach of a rule, at a JSON pointer into the document, and in which line where known."""

    rule: str
    pointer: str
    message: str
    line: int | None = None

    @property
    def severity(self) -> str:
        return RULES[self.rule].severity


def _groups() -> Iterator[Group]:
    for path in sorted(BOOK.glob("*.yaml")):
        stated: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        rules = tuple(_rule(stated["name"], **one) for one in stated["rules"])
        yield Group(stated["name"], stated["title"], stated["about"], rules)


def _rule(group: str, *, level: str, **words: Any) -> Rule:
    return Rule(severity=level, group=group, **words)


GROUPS: tuple[Group, ...] = tuple(_groups())
RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.code: rule for group in GROUPS for rule in group.rules}
)
