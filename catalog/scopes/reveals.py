"""How a field may be seen: as it is, or as less than it is. Pure.

One spelling everywhere, in consents and in the header that an API gets: a JSON pointer, and behind
a semicolon what becomes of the value, as in `/items/*/left;bucketed=0,1,4`. A pointer alone is the
value as it is. Space, `;`, `%` and what is not ASCII are percent-encoded in the pointer.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from urllib.parse import quote, unquote

from portal.errors import Refused

# No answer that counts people speaks of fewer.
SMALLEST_GROUP = 5
CALENDAR = frozenset({"month", "year"})
_SAFE = "/~!#$&'()*+,-.:<=>?@[]^_`{|}\\"
_KIND = re.compile(r"[a-z]{1,12}")
_BANDS = re.compile(r"-?\d{1,12}(\.\d{1,6})?(,-?\d{1,12}(\.\d{1,6})?){0,19}", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,5}", re.ASCII)


class RevealInvalid(Refused):
    code = "reveal_invalid"


class Transform(StrEnum):
    """What becomes of a value, from what tells most to what tells least."""

    RAW = "raw"
    MASKED = "masked"
    BUCKETED = "bucketed"
    PAIRWISE = "pairwise"
    AGGREGATE = "aggregate"


@dataclass(frozen=True, slots=True)
class Reveal:
    """A field and how it may be seen; `argument` is what the transform needs to know.

    `masked=4` shows the last four characters, `bucketed=0,1,4` the band, each with its lower bound,
    and `bucketed=month` or `year` the beginning of a date. `pairwise=rx` shows a name, beginning
    with `rx_`, that means something to one application about one customer only. `aggregate=5` is a
    count of people and shown of five or more.
    """

    pointer: str
    transform: Transform = Transform.RAW
    argument: str = ""

    def __str__(self) -> str:
        spelled = quote(self.pointer, safe=_SAFE)
        if self.transform is Transform.RAW:
            return spelled
        return f"{spelled};{self.transform}" + (f"={self.argument}" if self.argument else "")


def read_reveal(text: str) -> Reveal:
    """Return what `str` of a reveal wrote; raise `RevealInvalid` for anything else."""
    pointer, _, transform = text.partition(";")
    return reveal(unquote(pointer), transform)


def reveal(pointer: str, transform: str = "") -> Reveal:
    """Return the reveal of a field by the words that a description uses, such as `masked=4`."""
    name, _, argument = transform.partition("=")
    if not name:
        return Reveal(pointer)
    try:
        known = Transform(name)
    except ValueError as error:
        raise RevealInvalid(f"There is no transform {name[:40]}.") from error
    if not _ARGUMENTS[known](argument):
        raise RevealInvalid(f"{known} does not take “{argument[:40]}”.")
    return Reveal(pointer, known, argument)


def is_transform(transform: str) -> bool:
    """Whether a description may say it of a field."""
    try:
        reveal("", transform)
    except RevealInvalid:
        return False
    return True


def readable(texts: Iterable[str]) -> list[Reveal]:
    """Return the reveals among the texts. One that cannot be read reveals nothing."""
    found = []
    for text in texts:
        try:
            found.append(read_reveal(text))
        except RevealInvalid:
            continue
    return found


def widest(texts: Iterable[str]) -> list[str]:
    """Return one reveal for each pointer, the one that tells most: somebody agreed to all."""
    best: dict[str, Reveal] = {}
    for found in readable(texts):
        known = best.setdefault(found.pointer, found)
        if _telling(found) < _telling(known):
            best[found.pointer] = found
    return sorted(map(str, best.values()))


def common(texts: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return what both allow, and of two transforms that cannot be compared neither."""
    theirs = {found.pointer: found for found in readable(others)}
    shared = (
        _common(found, theirs[found.pointer])
        for found in readable(texts)
        if found.pointer in theirs
    )
    return sorted(str(found) for found in shared if found is not None)


def _common(one: Reveal, other: Reveal) -> Reveal | None:
    if other.transform is Transform.RAW or one == other:
        return one
    if one.transform is Transform.RAW:
        return other
    if one.transform is other.transform is Transform.MASKED:
        return min(one, other, key=lambda found: int(found.argument or 0))
    return None


def _telling(found: Reveal) -> tuple[int, str]:
    return list(Transform).index(found.transform), found.argument


def _is_bands(argument: str) -> bool:
    if argument in CALENDAR:
        return True
    if not _BANDS.fullmatch(argument):
        return False
    bounds = [Decimal(bound) for bound in argument.split(",")]
    return all(low < high for low, high in itertools.pairwise(bounds))


_ARGUMENTS: dict[Transform, Callable[[str], bool]] = {
    Transform.RAW: lambda argument: not argument,
    Transform.MASKED: lambda argument: argument in {"", *"12345678"},
    Transform.BUCKETED: _is_bands,
    Transform.PAIRWISE: lambda argument: bool(_KIND.fullmatch(argument)),
    Transform.AGGREGATE: lambda argument: (
        bool(_COUNT.fullmatch(argument)) and int(argument) >= SMALLEST_GROUP
    ),
}
