"""A file that says which rules count otherwise, for checks that run where no portal is.

rules:
path-case:
level: off            # error, warning, hint or off
reason: Its callers have known these addresses for years.
until: 2027-03-31     # the last day
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from catalog.rules.rulebook import ERROR, INFO, OFF, RULES, WARNING
from portal.errors import Refused

_LEVELS = {"error": ERROR, "warning": WARNING, "hint": INFO, "info": INFO, "off": OFF}
MAX_BYTES = 200_000


class AgreedInvalid(Refused):
    code = "overrides_invalid"


@dataclass(frozen=True, slots=True)
class Agreed:
    """The levels that count today, why, and what is over or means nothing any more."""

    levels: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def level_of(self, rule: str) -> str:
        return self.levels.get(rule, RULES[rule].severity)


def read_agreed(raw: bytes, *, today: date) -> Agreed:
    """Return what the file agrees to; raises `AgreedInvalid` with the first place that is wrong."""
    levels: dict[str, str] = {}
    reasons: dict[str, str] = {}
    notes: list[str] = []
    for code, stated in _entries(raw).items():
        rule = RULES.get(str(code))
        if rule is None:
            notes.append(f"There is no rule {code}.")
            continue
        level, reason, until = _words(str(code), stated)
        if rule.is_fixed:
            raise AgreedInvalid(f"{code} protects customers. Its level stays as it is.")
        if until < today:
            notes.append(f"{code} was agreed to until {until.isoformat()}. It counts again.")
            continue
        levels[rule.code], reasons[rule.code] = level, reason
    return Agreed(levels, reasons, tuple(notes))


def _entries(raw: bytes) -> Mapping[Any, Any]:
    if len(raw) > MAX_BYTES:
        raise AgreedInvalid("The file of overrides is too large.")
    try:
        value = yaml.load(raw, Loader=yaml.BaseLoader)  # noqa: S506 - it makes only texts
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise AgreedInvalid("The file of overrides is not valid YAML.") from error
    rules = value.get("rules") if isinstance(value, dict) else None
    if not isinstance(rules, dict):
        raise AgreedInvalid("The file of overrides has no “rules” at its top.")
    return rules


def _words(code: str, stated: Any) -> tuple[str, str, date]:
    words = stated if isinstance(stated, dict) else {}
    level = _LEVELS.get(str(words.get("level")))
    if level is None:
        raise AgreedInvalid(f"{code}: the level is error, warning, hint or off.")
    reason = str(words.get("reason") or "").strip()
    if not reason:
        raise AgreedInvalid(f"{code}: say why, as “reason”.")
    try:
        return level, reason, date.fromisoformat(str(words.get("until")))
    except ValueError as error:
        raise AgreedInvalid(f"{code}: say until which day, as 2027-03-31.") from error
