"""What is left of a value under each transform. Pure.

A value that a transform does not fit has nothing left: what nobody expected is not shown. A null
stays null, because there is nothing to hide behind it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog.scopes.reveals import CALENDAR, Reveal, Transform

NOTHING = object()
MASK = "****"
_DATE = re.compile(r"\d{4}(-\d{2})?(-\d{2}(T.*)?)?", re.ASCII)
_LENGTHS = {"year": 4, "month": 7}

Alias = Callable[[str, str], str]


def seen_as(value: Any, reveal: Reveal, *, alias: Alias | None = None) -> Any:
    """Return the value as it may be seen, or `NOTHING`.

    `alias` names a value by its kind for the one application and customer of the answer. Counts of
    people are not for this function: whether one is shown hangs on those beside it.
    """
    if reveal.transform is Transform.RAW or value is None:
        return value
    if isinstance(value, bool):
        return NOTHING
    match reveal.transform:
        case Transform.MASKED:
            return masked(value, int(reveal.argument or 0))
        case Transform.BUCKETED:
            return bucketed(value, reveal.argument)
        case Transform.PAIRWISE if alias and isinstance(value, str | int):
            return alias(reveal.argument, str(value))
        case _:
            return NOTHING


def masked(value: Any, shown: int) -> Any:
    """Return a mask of one length, and behind it the last characters of what is twice as long."""
    if not isinstance(value, str | int):
        return NOTHING
    text = str(value)
    return MASK + (text[-shown:] if shown and len(text) >= 2 * shown else "")


def bucketed(value: Any, bands: str) -> Any:
    """Return the band that holds the value: `0-1`, from the first up to but without the second."""
    if bands in CALENDAR:
        wanted = _LENGTHS[bands]
        is_date = isinstance(value, str) and _DATE.fullmatch(value) and len(value) >= wanted
        return value[:wanted] if is_date else NOTHING
    bounds = bands.split(",")
    labels = [
        f"<{bounds[0]}",
        *(f"{low}-{high}" for low, high in itertools.pairwise(bounds)),
        f"{bounds[-1]}+",
    ]
    if value in labels:
        return value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return NOTHING
    if not number.is_finite():
        return NOTHING
    return labels[sum(number >= Decimal(bound) for bound in bounds)]


def counts_shown(counts: Sequence[Any], smallest: int) -> list[int | None]:
    """Return the counts of people that may be shown together, rounded down; None for the rest.

    A group under `smallest` is not shown. Nor are then the smallest of the others, until those left
    out are at least two and of `smallest` people together: a total would give a single one away.
    Each is rounded down to a multiple, so that one person more or less is not seen.
    """
    sizes = [count if type(count) is int and count >= 0 else 0 for count in counts]
    hidden = {place for place, size in enumerate(sizes) if size < smallest}
    shown = sorted(set(range(len(sizes))) - hidden, key=lambda place: (sizes[place], place))
    while shown and hidden and (len(hidden) < 2 or sum(sizes[at] for at in hidden) < smallest):
        hidden.add(shown.pop(0))
    return [None if place in hidden else size - size % smallest for place, size in enumerate(sizes)]
