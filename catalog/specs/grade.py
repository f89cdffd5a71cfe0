"""How good a description is: findings by rule, and one letter that they add up to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from catalog.rules.rulebook import ERROR, RULES, Found
from catalog.specs import schema_check
from catalog.specs.checks import breaches
from catalog.specs.data_rules import data_rules
from catalog.specs.loader import pointer_of, steps_up, walk
from catalog.specs.markdown import cut
from catalog.specs.parser import ParsedApi, routes_of
from catalog.specs.resolver import MAX_READ, Resolver, is_external
from catalog.specs.swagger import as_openapi
from catalog.specs.yaml_reader import escaped

MAX_PER_RULE = 25
LETTERS = ((90, "A"), (80, "B"), (70, "C"), (60, "D"))
_PLACEHOLDER = re.compile(r"\{\+?([^{}]+)\}")
# What stands under these is an example or somebody's own extension, not a part of the description.
_OPAQUE = frozenset({"example", "examples", "default", "enum", "const", "value"})


@dataclass(frozen=True, slots=True)
class Grading:
    """`lost` says how many of the 100 points each rule took, in the order of the rules."""

    letter: str
    points: int
    findings: tuple[Found, ...]
    counts: tuple[tuple[str, int], ...]
    lost: tuple[tuple[str, int], ...]

    @property
    def has_errors(self) -> bool:
        return any(found.severity == ERROR for found in self.findings)


def grade(document: dict[str, Any], parsed: ParsedApi, *, known: Iterable[Found] = ()) -> Grading:
    """Grade a document. `known` are findings that reading it already brought.

    A rule of weight w that is broken k times among n operations takes w·(1 + k/n)/2 points, at most
    w; an info or warning rule takes w·k/n. 90 points are an A, 80 a B, 70 a C, 60 a D, less an F;
    with an error it is a B at best. Rules of weight 0 are counted and change no grade.
    """
    shown = as_openapi(document) if "swagger" in document else document
    every = chain(
        known,
        parsed.findings,
        schema_check.violations(document),
        _references(document),
        _document_rules(shown, parsed),
        _operation_rules(shown),
        data_rules(document, shown, parsed),
        breaches(shown, parsed),
    )
    return summed(every, operation_count=len(parsed.operations))


def grade_parts(document: dict[str, Any], findings: Iterable[Found], *, count: int) -> Grading:
    """Grade a description of another kind by what is known of it; JSON is looked at for references.

    `count` is how many calls it describes.
    """
    return summed(chain(findings, _references(document)), operation_count=count)


def summed(every: Iterable[Found], *, operation_count: int) -> Grading:
    """Add findings up to points and a letter."""
    counts: Counter[str] = Counter()
    kept = tuple(_capped(every, counts))
    lost = {
        rule: points
        for rule, count in counts.items()
        if (points := _lost(rule, count, operations=operation_count))
    }
    points = max(0, 100 - round(sum(lost.values())))
    letter = next((letter for least, letter in LETTERS if points >= least), "F")
    if letter == "A" and any(RULES[rule].severity == ERROR for rule in lost):
        letter = "B"
    return Grading(
        letter=letter,
        points=points,
        findings=kept,
        counts=tuple((rule, counts[rule]) for rule in RULES if rule in counts),
        lost=tuple((rule, max(1, round(lost[rule]))) for rule in RULES if rule in lost),
    )


def _lost(rule: str, count: int, *, operations: int) -> float:
    share = min(1.0, count / max(1, operations))
    weight = RULES[rule].weight
    return weight * (1 + share) / 2 if RULES[rule].severity == ERROR else weight * share


def _capped(findings: Iterable[Found], seen: Counter[str]) -> Iterator[Found]:
    """Yield the first of each rule and count all of them: there may be millions."""
    for found in findings:
        seen[found.rule] += 1
        if seen[found.rule] <= MAX_PER_RULE:
            yield Found(found.rule, cut(found.pointer, 500), cut(found.message, 300))


def _references(document: dict[str, Any]) -> Iterator[Found]:
    resolver = Resolver(document)
    for node, trail in walk(document):
        ref = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(ref, str):
            continue
        if any(_is_opaque(step) for step in steps_up(trail)):
            continue
        pointer = pointer_of(trail)
        if is_external(resolver.local(ref)):
            message = f"{cut(ref, 120)} leaves the document. It was not opened."
            yield Found("ref-external", f"{pointer}/$ref", message)
        elif resolver.find(ref) is None:
            message = f"{cut(ref, 120)} leads to nothing."
            yield Found("ref-unresolved", f"{pointer}/$ref", message)


def _is_opaque(step: str | int) -> bool:
    return isinstance(step, str) and (step in _OPAQUE or step.startswith("x-"))


def _document_rules(document: dict[str, Any], parsed: ParsedApi) -> Iterator[Found]:
    if not parsed.operations:
        yield Found("no-operations", "/paths", "The document describes no operation.")
    if not parsed.servers:
        yield Found("server-missing", "/servers", "Say at which address the API is called.")
    for index, server in enumerate(parsed.servers):
        if server["url"].startswith("http:"):
            message = f"{server['url']} is not protected by TLS."
            yield Found("server-not-https", f"/servers/{index}/url", cut(message, 300))
    info = document.get("info")
    if not isinstance(info, dict) or not info.get("description"):
        yield Found("info-description-missing", "/info", "Say what the API is for, and for whom.")
    paths = document.get("paths")
    shapes: dict[str, str] = {}
    for path in paths if isinstance(paths, dict) else ():
        pointer = f"/paths/{escaped(path)}"
        if path.startswith("x-"):
            continue
        if not path.startswith("/") or len(path) > 500:
            message = "A path begins with / and has at most 500 characters."
            yield Found("path-malformed", pointer, message)
        shape = _PLACEHOLDER.sub("{}", path.partition("#")[0])
        if "#" not in path and "?" not in path and shape in shapes:
            message = f"{path} matches the same calls as {shapes[shape]}."
            yield Found("route-duplicate", pointer, message)
        shapes.setdefault(shape, path)


def _operation_rules(document: dict[str, Any]) -> Iterator[Found]:
    resolver = Resolver(document)
    schemes = resolver.mapping(resolver.mapping(document.get("components")).get("securitySchemes"))
    seen: dict[str, str] = {}
    for method, path, item, operation, pointer in routes_of(document, resolver):
        where = f"{method} {path}"
        operation_id = operation.get("operationId")
        if not isinstance(operation_id, str) or not operation_id:
            yield Found("operation-id-missing", pointer, f"{where} has no operationId.")
        elif operation_id in seen:
            message = f"{operation_id} also names {seen[operation_id]}."
            yield Found("operation-id-duplicate", f"{pointer}/operationId", message)
        else:
            seen[operation_id] = where
        if not operation.get("summary"):
            yield Found("operation-summary-missing", pointer, f"{where} has no summary.")
        if not operation.get("tags"):
            yield Found("operation-tag-missing", pointer, f"{where} has no tag.")
        yield from _responses(operation, pointer, where)
        yield from _parameters(item, operation, pointer, path, resolver)
        yield from _security(resolver, operation, pointer, where, schemes)


def _responses(operation: dict[str, Any], pointer: str, where: str) -> Iterator[Found]:
    responses = operation.get("responses")
    statuses = list(islice(responses, MAX_READ)) if isinstance(responses, dict) else []
    if not any(status[:1] in {"1", "2", "3"} or status == "default" for status in statuses):
        message = f"{where} does not say what it answers when all is well."
        yield Found("operation-success-missing", f"{pointer}/responses", message)
    if not any(status[:1] in {"4", "5"} or status == "default" for status in statuses):
        message = f"{where} does not say what it answers when it refuses."
        yield Found("operation-error-missing", f"{pointer}/responses", message)


def _parameters(
    item: dict[str, Any],
    operation: dict[str, Any],
    pointer: str,
    path: str,
    resolver: Resolver,
) -> Iterator[Found]:
    declared: set[Any] = set()
    for source in (item, operation):
        stated = source.get("parameters")
        for index, one in enumerate(stated[:MAX_READ] if isinstance(stated, list) else ()):
            parameter = resolver.mapping(one)
            if parameter.get("in") == "path":
                declared.add(str(parameter.get("name")))
            if source is operation and not parameter.get("description"):
                message = f"The parameter {cut(str(parameter.get('name')), 80)} is not described."
                at = f"{pointer}/parameters/{index}"
                yield Found("parameter-description-missing", at, message)
    for name in dict.fromkeys(_PLACEHOLDER.findall(path)):
        if name not in declared and name.rstrip("*+") not in declared:
            message = f"{{{name}}} of the path is not among the parameters."
            yield Found("path-parameter-undeclared", pointer, message)


def _security(
    resolver: Resolver,
    operation: dict[str, Any],
    pointer: str,
    where: str,
    schemes: dict[str, Any],
) -> Iterator[Found]:
    stated = operation.get("security", resolver.document.get("security"))
    if stated is None:
        message = f"{where} does not say how it is protected."
        yield Found("operation-security-missing", pointer, message)
    for way in stated[:MAX_READ] if isinstance(stated, list) else ():
        for name in islice(way, MAX_READ) if isinstance(way, dict) else ():
            # OpenAPI 3.2 §4.30: a name that is none may be the address of a scheme.
            if name not in schemes and ("#" not in name or resolver.find(name) is None):
                message = f"The security scheme {cut(name, 80)} is not defined."
                yield Found("security-scheme-unknown", f"{pointer}/security", message)
