"""The list of rules as a page for people."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.rules.rulebook import GROUPS, RULES, Group

WORDS = {"error": "error", "warning": "warning", "info": "hint"}


def documents() -> dict[str, list[str]]:
    return {"rules.md": list(_lines())}


def _lines() -> Iterator[str]:
    yield "# The rules that descriptions are read by\n"
    yield (
        f"{len(RULES)} rules. [Governance](governance.md) says what they are for, and"
        " `/rules/` shows each with its reason and with an example of how not to and how to."
    )
    for group in GROUPS:
        yield from _table(group)


def _table(group: Group) -> Iterator[str]:
    yield f"\n## {group.title}\n\n{group.about}\n"
    yield "| number | rule | what it asks | level | weight |"
    yield "|---|---|---|---|---|"
    for rule in group.rules:
        level = WORDS[rule.severity] + (", fixed" if rule.is_fixed else "")
        yield f"| {rule.name} | `{rule.code}` | {rule.title} | {level} | {rule.weight or ''} |"
