"""What the pages of changes show, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.apis.models import ApiVersion
from catalog.changes.comparisons import changes_in, operations_in
from catalog.changes.diff.comparing import Change, Touched
from catalog.changes.diff.rules import RULES, Level, Rule
from catalog.changes.models import Comparison

OPERATIONS_SHOWN = 12
# What each level is called, and the tone of its badge.
LEVELS: Mapping[Level, tuple[str, str]] = {
    Level.BREAKING: ("Breaks programs", "danger"),
    Level.CARE: ("Look before you go on", "warning"),
    Level.ADDED: ("New, and harmless", "success"),
    Level.WORDS: ("Only words", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A change, as its row shows it; `more` operations are touched beside those that are named."""

    level: Level
    rule: Rule
    sentence: SafeString
    operations: Sequence[tuple[Touched, str]]
    more: int

    @property
    def count(self) -> int:
        return len(self.operations) + self.more


def lines_of(comparison: Comparison, *, level: str = "") -> list[tuple[Change, Rule]]:
    """Return the changes, breaking first, or those of one level."""
    order = list(Level)
    found = [
        (change, RULES[change.rule])
        for change in changes_in(comparison)
        if not level or change.level == level
    ]
    return sorted(found, key=lambda pair: order.index(pair[1].level))


def shown(
    found: Iterable[tuple[Change, Rule]],
    comparison: Comparison,
    *,
    old: ApiVersion,
    new: ApiVersion,
) -> list[Line]:
    """Return the rows with links to the operations, in the version where each can be read."""
    operations = operations_in(comparison)
    lines = []
    for change, rule in found:
        named = [operations[place] for place in change.touches[:OPERATIONS_SHOWN]]
        lines.append(
            Line(
                level=rule.level,
                rule=rule,
                sentence=sentence(rule, change),
                operations=[(one, _address(one, old if one.is_gone else new)) for one in named],
                more=len(change.touches) - len(named),
            )
        )
    return lines


def sentence(rule: Rule, change: Change) -> SafeString:
    """Fill the sentence of the rule; what comes from a description is escaped and set apart."""
    code = "<code>{}</code>"
    said = {
        "subject": format_html(code, change.subject) if change.subject else "The value",
        "before": format_html(code, change.before),
        "after": format_html(code, change.after),
    }
    return format_html(rule.sentence, **said)


def plain(rule: Rule, change: Change) -> str:
    """Say the same without markup, for mails and feeds."""
    subject = f"“{change.subject}”" if change.subject else "The value"
    return rule.sentence.format(subject=subject, before=change.before, after=change.after)


def counts_of(comparison: Comparison) -> list[tuple[Level, str, str, int]]:
    return [
        (level, *words, getattr(comparison, f"{level}_count")) for level, words in LEVELS.items()
    ]


def _address(touched: Touched, version: ApiVersion) -> str:
    try_at = [version.api.slug, version.label, touched.slug]
    return (
        reverse("apis:operation", args=try_at) if version.status in version.PUBLIC_STATUSES else ""
    )
