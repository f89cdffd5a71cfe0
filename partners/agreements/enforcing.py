"""What holds a clause: something that runs, and can say whether it does.

A slice registers its controls in its own `controls.py`. A clause names one by its code; a code that
nobody registered cannot be published, so that no clause promises what nothing holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from partners.organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Finding:
    """What a control says of one partner at an instant, from the rows as they are."""

    is_kept: bool
    words: str


Look = Callable[[Organization, datetime], Finding]


@dataclass(frozen=True, slots=True)
class Control:
    code: str
    label: str
    look: Look


_controls: dict[str, Control] = {}


def holds(code: str, label: str) -> Callable[[Look], Look]:
    """Register a function as the control of that code; `label` says what it does."""

    def register(look: Look) -> Look:
        _controls[code] = Control(code, label, look)
        return look

    return register


def control_of(code: str) -> Control | None:
    return _controls.get(code)
