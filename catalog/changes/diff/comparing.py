"""What differs between two descriptions of an API. Pure: documents in, differences out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from catalog.changes.diff.contracts import (
    Contract,
    Operation,
    Parameter,
    Way,
    contract_of,
)
from catalog.changes.diff.rules import RULES, Level
from catalog.changes.diff.schemas import Pair, PairKey, SchemaComparison
from catalog.changes.diff.values import Direction, Finding

MAX_CHANGES = 5_000


@dataclass(frozen=True, slots=True)
class Touched:
    """An operation that differences are about: as it is now, or as it was where it is gone."""

    method: str
    path: str
    slug: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `touches` are the places of its operations in `Differences.operations`."""

    rule: str
    subject: str
    before: str
    after: str
    touches: tuple[int, ...]

    @property
    def level(self) -> Level:
        return RULES[self.rule].level


@dataclass(frozen=True, slots=True)
class Differences:
    """All differences, breaking first; `is_cut` says that there are more than were kept."""

    operations: tuple[Touched, ...]
    changes: tuple[Change, ...]
    is_cut: bool = False

    def count(self, level: Level) -> int:
        return sum(change.level is level for change in self.changes)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Differences:
    """Return what changed from the old document to the new one.

    Both are OpenAPI 3.0 to 3.2 or Swagger 2.0, as `catalog.specs.loader` reads them. Operations go
    by method and path, whatever the placeholders are called. What a caller sends and what it gets
    are judged apart: taking less breaks a request, answering more kinds breaks an answer.
    """
    return _Comparison(contract_of(old), contract_of(new)).run()


@dataclass(slots=True)
class _Comparison:
    old: Contract
    new: Contract
    schemas: SchemaComparison = field(init=False)
    operations: list[Touched] = field(default_factory=list)
    # Each finding with the operations it touches, in the order they were found.
    found: dict[Finding, dict[int, None]] = field(default_factory=dict)

    def run(self) -> Differences:
        self.schemas = SchemaComparison(self.old.views, self.new.views)
        own: list[Pair] = []
        for key, was in self.old.operations.items():
            now = self.new.operations.get(key)
            self.operations.append(_touched(now or was, is_gone=now is None))
            own.append(_only("operation-removed") if now is None else self._operation(was, now))
        for key, now in self.new.operations.items():
            if key not in self.old.operations:
                self.operations.append(_touched(now, is_gone=False))
                own.append(_only("operation-added"))
        for at, pair in enumerate(own):
            self._gather(pair, at)
        everywhere = dict.fromkeys(range(len(self.operations)))
        if self.old.prefix != self.new.prefix and self.old.operations and self.new.operations:
            said = self.old.prefix or "no version", self.new.prefix or "no version"
            self.found[Finding("path-prefix-changed", "", *said)] = everywhere
        return self._told()

    def _told(self) -> Differences:
        kept: dict[tuple[int, ...], tuple[int, ...]] = {}
        changes = []
        for one, at in self.found.items():
            touches = tuple(at)
            # The same operations are touched by many changes: one list for all of them.
            touches = kept.setdefault(touches, touches)
            changes.append(Change(one.rule, one.subject, one.before, one.after, touches))
        changes.sort(key=lambda change: RULES[change.rule].number)
        is_cut = self.schemas.is_cut or len(changes) > MAX_CHANGES
        return Differences(tuple(self.operations), tuple(changes[:MAX_CHANGES]), is_cut)

    def _gather(self, pair: Pair, at: int) -> None:
        """Note the findings of an operation, and of every pair of schemas that it leads to."""
        for one in pair.found:
            self.found.setdefault(one, {})[at] = None
        seen: set[PairKey] = set()
        waiting = list(pair.leads_to)
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            reached = self.schemas.pairs[key]
            for one in reached.found:
                self.found.setdefault(one, {})[at] = None
            waiting += reached.leads_to

    def _operation(self, was: Operation, now: Operation) -> Pair:
        pair = Pair()
        if was.operation_id != now.operation_id:
            said = was.operation_id or "nothing", now.operation_id or "nothing"
            pair.add("operation-id-changed", "", *said)
        if now.is_deprecated and not was.is_deprecated:
            pair.add("operation-deprecated")
        elif was.is_deprecated and not now.is_deprecated:
            pair.add("no-longer-deprecated", "the operation")
        if was.words != now.words:
            pair.add("words-changed", "the operation")
        for one in _security(was.ways, now.ways):
            pair.found[one] = None
        self._parameters(was, now, pair)
        self._body(was, now, pair)
        self._answers(was, now, pair)
        return pair

    def _parameters(self, was: Operation, now: Operation, pair: Pair) -> None:
        for key, parameter in was.parameters.items():
            if key not in now.parameters:
                pair.add("parameter-removed", _named(parameter))
        for key, parameter in now.parameters.items():
            before, subject = was.parameters.get(key), _named(parameter)
            if before is None:
                must = "-required" if parameter.is_required else ""
                pair.add(f"parameter-added{must}", subject)
                continue
            if before.is_required != parameter.is_required:
                word = "required" if parameter.is_required else "optional"
                pair.add(f"parameter-made-{word}", subject)
            if before.is_deprecated != parameter.is_deprecated:
                is_now = parameter.is_deprecated
                pair.add("field-deprecated" if is_now else "no-longer-deprecated", subject)
            if before.words != parameter.words:
                pair.add("words-changed", subject)
            self.schemas.compare(
                before.schema, parameter.schema, Direction.REQUEST, at=subject, into=pair
            )

    def _body(self, was: Operation, now: Operation, pair: Pair) -> None:
        if was.body is None or now.body is None:
            if now.body is not None:
                pair.add("body-added" if now.body_is_required else "body-added-optional")
            elif was.body is not None:
                pair.add("body-removed")
            return
        if was.body_is_required != now.body_is_required:
            pair.add(f"body-made-{'required' if now.body_is_required else 'optional'}")
        self._media(was.body, now.body, Direction.REQUEST, "", pair)

    def _answers(self, was: Operation, now: Operation, pair: Pair) -> None:
        for status in was.answers:
            if status not in now.answers:
                pair.add("response-status-removed", "", status)
        for status, answer in now.answers.items():
            before = was.answers.get(status)
            if before is None:
                pair.add("response-status-added", "", "", status)
                continue
            for name in before.headers.keys() - answer.headers.keys():
                pair.add("response-header-removed", "", before.headers[name])
            for name in answer.headers.keys() - before.headers.keys():
                pair.add("response-header-added", "", "", answer.headers[name])
            if before.words != answer.words:
                pair.add("words-changed", f"the answer {status}")
            at = _place(status)
            self._media(before.schemas, answer.schemas, Direction.RESPONSE, at, pair)

    def _media(
        self,
        was: Mapping[str, Any],
        now: Mapping[str, Any],
        direction: Direction,
        at: str,
        pair: Pair,
    ) -> None:
        for kind in sorted(was):
            if now and _among(kind, now) is None:
                pair.add(f"{direction}-media-type-removed", "", kind)
        for kind in sorted(now):
            its = _among(kind, was)
            if its is not None:
                self.schemas.compare(was[its], now[kind], direction, at=at, into=pair)
            elif was:
                pair.add(f"{direction}-media-type-added", "", "", kind)


def _among(kind: str, kinds: Mapping[str, Any]) -> str | None:
    """Return the media type that means the same: itself, or one where a star stands for it."""
    if kind in kinds:
        return kind
    return next((one for one in kinds if fnmatchcase(kind, one) or fnmatchcase(one, kind)), None)


def _place(status: str) -> str:
    return "" if status.startswith("2") else status


def _named(parameter: Parameter) -> str:
    return f"{parameter.name} ({parameter.place})"


def _touched(operation: Operation, *, is_gone: bool) -> Touched:
    return Touched(operation.method, operation.path, operation.slug, is_gone)


def _only(rule: str) -> Pair:
    pair = Pair()
    pair.add(rule)
    return pair


def _security(was: tuple[Way, ...], now: tuple[Way, ...]) -> Iterator[Finding]:
    was_open, is_open = _lets_in(was), _lets_in(now)
    if was_open or is_open:
        if was_open and not is_open:
            yield Finding("security-added", after=_ways(now))
        elif is_open and not was_open:
            yield Finding("security-removed", before=_ways(was))
        return
    kinds = {kind for kind, _ in was}, {kind for kind, _ in now}
    for kind in sorted(kinds[0] - kinds[1]):
        yield Finding("security-way-removed", before=_way(kind))
    for kind in sorted(kinds[1] - kinds[0]):
        yield Finding("security-way-added", after=_way(kind))
    for kind in sorted(kinds[0] & kinds[1]):
        yield from _scopes(
            [scopes for its, scopes in was if its == kind],
            [scopes for its, scopes in now if its == kind],
        )


def _scopes(was: list[frozenset[str]], now: list[frozenset[str]]) -> Iterator[Finding]:
    """Tell what a token that opened it lacks now, and what one need no longer carry."""
    lacking = {
        scope
        for scopes in was
        if not any(one <= scopes for one in now)
        for scope in min((one - scopes for one in now), key=sorted)
    }
    for scope in sorted(lacking):
        yield Finding("scope-added", after=scope)
    for scope in sorted(frozenset().union(*was) - frozenset().union(*now)):
        yield Finding("scope-removed", before=scope)


def _lets_in(ways: tuple[Way, ...]) -> bool:
    return not ways or any(not kinds for kinds, _ in ways)


def _ways(ways: tuple[Way, ...]) -> str:
    return ", or ".join(dict.fromkeys(_way(kinds) for kinds, _ in ways if kinds))


def _way(kinds: tuple[str, ...]) -> str:
    return " with ".join(kinds)
