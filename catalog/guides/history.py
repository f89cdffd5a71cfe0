"""What a revision changed, line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

# Of longer texts the lines are not compared: it takes time with the square of them.
MOST_LINES = 1500
_AROUND = 3


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` is `same`, `gone`, `new`, or `cut` for lines that stayed and are not shown."""

    kind: str
    text: str


def lines_between(old: str, new: str) -> list[Line] | None:
    """Return the lines that went and came, a few around them; None where there are too many."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MOST_LINES:
        return None
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    groups = list(matcher.get_grouped_opcodes(_AROUND))
    return [
        line for place, group in enumerate(groups) for line in _group(place, group, before, after)
    ]


def _group(
    place: int, group: list[tuple[str, int, int, int, int]], before: list[str], after: list[str]
) -> Iterator[Line]:
    if place:
        yield Line("cut", "…")
    for tag, begin, end, new_begin, new_end in group:
        if tag == "equal":
            yield from (Line("same", text) for text in before[begin:end])
            continue
        yield from (Line("gone", text) for text in before[begin:end])
        yield from (Line("new", text) for text in after[new_begin:new_end])
