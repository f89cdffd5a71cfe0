"""What differs in what two schemas say of one value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from catalog.changes.diff.facets import Facets

_SHOWN = 8


class Direction(StrEnum):
    """Who writes the value: the caller, or the API. What widens one breaks the other."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    subject: str = ""
    before: str = ""
    after: str = ""


def findings_about(
    before: Facets, after: Facets, at: str, direction: Direction, *, is_whole: bool
) -> Iterator[Finding]:
    yield from _types(before, after, at, direction, is_whole=is_whole)
    yield from _values(before, after, at, direction)
    yield from _limits(before, after, at, direction)
    if before.pattern != after.pattern and before.pattern and after.pattern:
        yield Finding("pattern-changed", at, before.pattern[:120], after.pattern[:120])
    elif before.pattern != after.pattern:
        yield Finding(
            _limit_rule(direction, is_tighter=bool(after.pattern)),
            at,
            before.pattern[:120] or "any text",
            after.pattern[:120] or "any text",
        )
    if before.format != after.format and before.types & after.types:
        yield Finding("format-changed", at, before.format or "any", after.format or "any")
    if direction is Direction.REQUEST and before.default != after.default:
        yield Finding(
            "default-changed", at, before.default or "nothing", after.default or "nothing"
        )
    if before.is_deprecated != after.is_deprecated:
        yield Finding("field-deprecated" if after.is_deprecated else "no-longer-deprecated", at)
    yield from _privacy(before, after, at)
    if before.words != after.words:
        yield Finding("words-changed", at)


def _types(
    before: Facets, after: Facets, at: str, direction: Direction, *, is_whole: bool
) -> Iterator[Finding]:
    lost = _not_among(before.types, after.types)
    gained = _not_among(after.types, before.types)
    # Beside a reference a schema need not repeat its type: saying nothing is no difference then.
    is_told = is_whole or bool(before.types and after.types)
    said = at, _spoken(before.types), _spoken(after.types)
    if is_told and direction is Direction.REQUEST:
        if lost:
            yield Finding("request-type-narrowed", *said)
        elif gained:
            yield Finding("request-type-widened", *said)
    elif is_told:
        if gained:
            yield Finding("response-type-changed", *said)
        elif lost:
            yield Finding("response-type-narrowed", *said)
    if before.is_nullable != after.is_nullable:
        rule = {
            (Direction.REQUEST, True): "request-null-taken",
            (Direction.REQUEST, False): "request-null-refused",
            (Direction.RESPONSE, True): "response-field-made-nullable",
            (Direction.RESPONSE, False): "response-null-ended",
        }[direction, after.is_nullable]
        yield Finding(rule, at)


def _not_among(types: frozenset[str], others: frozenset[str]) -> bool:
    """Say whether a value of these types may be none of the others; none named means any."""
    if not others or types == others:
        return False
    if not types:
        return True
    return bool(types - others - ({"integer"} if "number" in others else set()))


def _spoken(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "anything"


def _values(before: Facets, after: Facets, at: str, direction: Direction) -> Iterator[Finding]:
    if before.enum == after.enum:
        return
    lost = [] if after.enum is None else [v for v in before.enum or () if v not in after.enum]
    gained = [] if before.enum is None else [v for v in after.enum or () if v not in before.enum]
    if before.enum is None:
        yield Finding(f"{direction}-enum-narrowed", at, f"anything but {_few(after.enum or ())}")
    elif lost:
        yield Finding(f"{direction}-enum-narrowed", at, _few(lost))
    if after.enum is None:
        yield Finding(f"{direction}-enum-widened", at, after="anything")
    elif gained:
        yield Finding(f"{direction}-enum-widened", at, after=_few(gained))


def _few(values: Sequence[str]) -> str:
    more = len(values) - _SHOWN
    return ", ".join(values[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _limits(before: Facets, after: Facets, at: str, direction: Direction) -> Iterator[Finding]:
    for word in sorted(before.limits.keys() | after.limits.keys()):
        old, new = before.limits.get(word), after.limits.get(word)
        if (old and old[0]) == (new and new[0]):
            continue
        is_tighter = old is None or (new is not None and new[0] > old[0])
        none = "no limit"
        yield Finding(
            _limit_rule(direction, is_tighter=is_tighter),
            at,
            old[1] if old else none,
            new[1] if new else none,
        )


def _limit_rule(direction: Direction, *, is_tighter: bool) -> str:
    return f"{direction}-limit-{'tightened' if is_tighter else 'loosened'}"


def _privacy(before: Facets, after: Facets, at: str) -> Iterator[Finding]:
    if before.data_class != after.data_class:
        said = before.data_class or "not classified", after.data_class or "not classified"
        yield Finding("data-class-changed", at, *said)
    if before.cluster != after.cluster:
        yield Finding("data-cluster-changed", at, before.cluster or "none", after.cluster or "none")
    old, new = before.retention_days, after.retention_days
    if old != new:
        is_longer = new is None or (old is not None and new > old)
        rule = "retention-lengthened" if is_longer else "retention-shortened"
        yield Finding(rule, at, _days(old), _days(new))


def _days(days: int | None) -> str:
    return "without end" if days is None else f"{days} day{'' if days == 1 else 's'}"
