"""Rules about names: paths, fields and operations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from catalog.rules.rulebook import Found
from catalog.specs.checks.normal import Normal, path_pointer, text
from catalog.specs.checks.words import style_of, usual_style, words_of
from catalog.specs.loader import pointer_of
from catalog.specs.markdown import cut

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:[.:][a-z0-9-]+)*")
_FORMATS = (".json", ".xml", ".yaml", ".yml", ".csv", ".html", ".php")
VERBS = frozenset(
    {"get", "fetch", "list", "create", "add", "update", "set", "delete", "remove", "insert", "post",
     "put", "retrieve", "save", "edit", "modify"}
)  # fmt: skip
# The same word for one and for many, or none to count.
_ALIKE = frozenset(
    {"media", "data", "metadata", "info", "news", "series", "people", "children", "feedback",
     "equipment", "staff", "content", "software", "hardware", "history", "inventory", "by", "me"}
)  # fmt: skip


def path_case(normal: Normal) -> Iterator[Found]:
    for path in normal.paths:
        wrong = [one for one in _words(path) if not _WORD.fullmatch(one)]
        if wrong:
            message = f"Write “{cut(wrong[0], 80)}” in lower case, with dashes between words."
            yield Found("path-case", path_pointer(path), message)


def path_verb(normal: Normal) -> Iterator[Found]:
    for path in normal.paths:
        for word in _words(path):
            first = words_of(word)[:1]
            if first and first[0] in VERBS:
                message = f"“{cut(word, 80)}” says what is done. Leave that to the method."
                yield Found("path-verb", path_pointer(path), message)
                break


def path_ending(normal: Normal) -> Iterator[Found]:
    for path in normal.paths:
        end = path.partition("?")[0].partition("#")[0]
        if (len(end) > 1 and end.endswith("/")) or end.lower().endswith(_FORMATS):
            message = "End the path with its last word."
            yield Found("path-ending", path_pointer(path), message)


def path_singular(normal: Normal) -> Iterator[Found]:
    for path in normal.paths:
        steps = path.strip("/").split("/")
        for word, after in pairwise(steps):
            last = words_of(word)[-1:]
            if not last or "{" in word or not _PLACEHOLDER.fullmatch(after):
                continue
            if not last[0].endswith("s") and last[0].isalpha() and last[0] not in _ALIKE:
                message = f"“{cut(word, 80)}” holds many: name it in the plural."
                yield Found("path-singular", path_pointer(path), message)
                break


def property_case(normal: Normal) -> Iterator[Found]:
    spelled = [(trail, name) for trail, name in normal.properties() if style_of(name)]
    usual = usual_style(name for _, name in spelled)
    for trail, name in spelled:
        style = style_of(name)
        if style != usual:
            message = f"{cut(name, 80)} is {style}, and most fields here are {usual}."
            yield Found("property-case", pointer_of(trail), message)


def operation_id_case(normal: Normal) -> Iterator[Found]:
    stated = [(one, text(one.body.get("operationId"))) for one in normal.operations]
    usual = usual_style(name for _, name in stated)
    for one, name in stated:
        style = style_of(name)
        if style and style != usual:
            message = f"{cut(name, 80)} is {style}, and most operationIds here are {usual}."
            yield Found("operation-id-case", f"{one.pointer}/operationId", message)


def _words(path: str) -> list[str]:
    return [one for one in _PLACEHOLDER.sub("", path).split("/") if one]


CHECKS: dict[str, Callable[[Normal], Iterator[Found]]] = {
    "path-case": path_case,
    "path-verb": path_verb,
    "path-ending": path_ending,
    "path-singular": path_singular,
    "property-case": property_case,
    "operation-id-case": operation_id_case,
}
