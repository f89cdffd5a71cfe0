"""Rules about lists: read in pages, each with an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catalog.rules.rulebook import Found
from catalog.specs.checks.normal import Normal, Stated, text
from catalog.specs.markdown import cut

_SIZES = frozenset(
    {"limit", "pagesize", "perpage", "size", "maxresults", "first", "top", "count", "pagelimit"}
)
_NUMBERS = frozenset({"offset", "skip", "page", "pagenumber", "startindex", "pageindex"})
_CURSORS = frozenset(
    {"cursor", "after", "before", "startingafter", "endingbefore", "pagetoken", "continuation",
     "nexttoken", "marker", "sinceid"}
)  # fmt: skip


def list_unpaged(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if is_list(one) and not (_asked(one) & (_SIZES | _NUMBERS | _CURSORS)):
            yield one.breach("list-unpaged", "answers a list, all of it at once.")


def page_size_unbounded(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        for pointer, parameter in one.parameters:
            if parameter.get("in") != "query" or _plain(parameter) not in _SIZES:
                continue
            schema = normal.resolver.mapping(parameter.get("schema"))
            if text(schema.get("type")) in {"integer", "number"} and not _has_end(schema):
                name = cut(text(parameter.get("name")), 60)
                message = f"{one.name} takes {name} without a maximum."
                yield Found("page-size-unbounded", pointer, message)


def list_bare(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if one.method == "GET" and _is_bare(one):
            message = "answers a list with nothing around it."
            yield one.breach("list-bare", message, "/responses")


def page_by_number(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        asked = _asked(one)
        if one.method == "GET" and asked & _NUMBERS and not asked & _CURSORS:
            yield one.breach("page-by-number", "counts its pages from the start.")


def is_list(one: Stated) -> bool:
    """Say whether the operation answers many things of one kind."""
    if one.method != "GET":
        return False
    ends_in_one = one.path.rstrip("/").endswith("}")
    many = any(row.nesting == 0 and row.type == "array of object" for row in one.fields)
    return _is_bare(one) or (many and not ends_in_one)


def _is_bare(one: Stated) -> bool:
    return bool(one.fields) and one.fields[0].pointer.startswith("/*")


def _has_end(schema: Mapping[str, Any]) -> bool:
    return not schema.keys().isdisjoint({"maximum", "exclusiveMaximum", "enum", "const"})


def _asked(one: Stated) -> set[str]:
    return {_plain(parameter) for _, parameter in one.parameters if parameter.get("in") == "query"}


def _plain(parameter: Mapping[str, Any]) -> str:
    name = text(parameter.get("name")).lower()[:80]
    return "".join(one for one in name if one.isalpha())


CHECKS: dict[str, Callable[[Normal], Iterator[Found]]] = {
    "list-unpaged": list_unpaged,
    "page-size-unbounded": page_size_unbounded,
    "list-bare": list_bare,
    "page-by-number": page_by_number,
}
