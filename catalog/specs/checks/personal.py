"""Rules about personal data where it does not belong: addresses, open fields and examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from catalog.rules.rulebook import Found
from catalog.scopes.depths import DEPTHS
from catalog.specs.checks.normal import EXAMPLES, Normal, is_example, text
from catalog.specs.checks.words import is_personal
from catalog.specs.loader import pointer_of, walk
from catalog.specs.markdown import cut
from catalog.specs.yaml_reader import escaped

_ADDRESS = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
_NOBODYS = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost)", re.IGNORECASE
)
_WORTH_ASKING = 500


def personal_in_path(normal: Normal) -> Iterator[Found]:
    yield from _personal_in(normal, "path", "personal-in-path")


def personal_in_query(normal: Normal) -> Iterator[Found]:
    yield from _personal_in(normal, "query", "personal-in-query")


def personal_looks_public(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        for row in one.fields:
            if row.is_leaf and row.revealed.depth == DEPTHS["public"] and is_personal(row.name):
                message = f"says that {cut(row.name, 60)} is public."
                yield one.breach("personal-looks-public", message, "/responses")
                break


def example_real(normal: Normal) -> Iterator[Found]:
    for node, trail in walk(normal.document):
        for step, value in _steps(node):
            if not isinstance(value, str) or "@" not in value:
                continue
            is_shown = step in EXAMPLES or is_example(trail)
            if is_shown and (domain := _domain_of(value)):
                message = f"{cut(domain, 120)} may be somebody's. Use example.com instead."
                yield Found("example-real", f"{pointer_of(trail)}/{escaped(str(step))}", message)


def _personal_in(normal: Normal, place: str, rule: str) -> Iterator[Found]:
    seen: set[str] = set()
    for one in normal.operations:
        for pointer, parameter in one.parameters:
            if parameter.get("in") != place or pointer in seen:
                continue
            name = text(parameter.get("name"))
            schema = normal.resolver.mapping(parameter.get("schema"))
            stated = text(schema.get("x-data-class", parameter.get("x-data-class")))
            if is_personal(name) or stated in {"personal", "sensitive"}:
                seen.add(pointer)
                yield Found(rule, pointer, f"{one.name} puts {cut(name, 60)} into the address.")


def _domain_of(value: str) -> str | None:
    """Return the domain of the first e-mail address that could be somebody's."""
    for found in _ADDRESS.finditer(value[:_WORTH_ASKING]):
        if not _NOBODYS.fullmatch(found[1]):
            return found[1]
    return None


def _steps(node: Any) -> Any:
    if isinstance(node, dict):
        return node.items()
    return enumerate(node) if isinstance(node, list) else ()


CHECKS: dict[str, Callable[[Normal], Iterator[Found]]] = {
    "personal-in-path": personal_in_path,
    "personal-in-query": personal_in_query,
    "personal-looks-public": personal_looks_public,
    "example-real": example_real,
}
