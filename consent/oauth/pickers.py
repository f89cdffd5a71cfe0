"""The question which of their things a customer shares, as the screen draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from consent.arrangements.access import EVERY, current_items
from consent.arrangements.customers import Customer
from consent.arrangements.models import ArrangementVersion
from consent.arrangements.picking import picked_before, selectable


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing. `label` is empty until the customer's own words for it are asked for."""

    value: str
    label: str = ""
    why_not: str = ""
    # Whether somebody else holds it, too.
    is_joint: bool = False


@dataclass(frozen=True, slots=True)
class Picker:
    kind: str
    label: str
    choices: tuple[Choice, ...]


def pickers_of(notice: Mapping[str, Any]) -> list[Picker]:
    """Return the questions of a notice, which names nothing that somebody has."""
    return [
        Picker(
            kind=asked["kind"],
            label=asked["label"],
            choices=(
                *(
                    Choice(
                        f"{asked['kind']}:{one['reference']}",
                        why_not=one["why_not"],
                        is_joint=one.get("is_joint", False),
                    )
                    for one in asked["choices"]
                ),
                Choice(f"{asked['kind']}:{EVERY}", label=asked["every"]),
            ),
        )
        for asked in notice.get("resources", ())
    ]


def labelled(pickers: list[Picker], customer: Customer) -> list[Picker]:
    """Return the questions with the names that the customer knows the things by."""
    return [replace(picker, choices=_labelled(picker, customer)) for picker in pickers]


def _labelled(picker: Picker, customer: Customer) -> tuple[Choice, ...]:
    names = {
        f"{picker.kind}:{one.reference}": one.label for one in selectable(customer, picker.kind)
    }
    return tuple(
        replace(choice, label=choice.label or names.get(choice.value, ""))
        for choice in picker.choices
    )


def ticked_before(version: ArrangementVersion | None) -> list[str]:
    """Return what is ticked to begin with: nothing, or what is shared already."""
    if version is None:
        return []
    items = current_items(version.arrangement)
    return sorted(f"{kind}:{reference}" for kind, reference in picked_before(items))
