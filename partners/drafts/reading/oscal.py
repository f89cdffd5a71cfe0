"""An OSCAL catalog: a section for each group, a question for each control in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from partners.drafts.reading.asvs import ANSWERS
from partners.drafts.reading.keys import Keys, NotReadable
from partners.drafts.reading.plain import words_of

MAX_DEPTH = 20
_PARAMETER = re.compile(r"\{\{\s*(?:insert:\s*)?param,?\s*([^}\s]+)\s*\}\}")
_REFERENCE = re.compile(r"[^A-Za-z0-9&.:()_-]")


def read(document: Any) -> dict[str, Any]:
    catalog = document.get("catalog") if isinstance(document, Mapping) else None
    if not isinstance(catalog, Mapping):
        raise NotReadable("This is no OSCAL catalog: it has no “catalog”.")
    found = catalog.get("metadata")
    metadata: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    title = words_of(str(metadata.get("title", "Catalog")))[:120]
    keys = Keys()
    sections = []
    for group, controls in _groups(catalog):
        questions = [_question(control, keys) for control in controls]
        if questions:
            sections.append(
                {
                    "code": keys.of(f"group {group.get('id') or group.get('title')}"),
                    "title": words_of(str(group.get("title", title)))[:300],
                    "questions": questions,
                }
            )
    if not sections:
        raise NotReadable("The catalog has no controls.")
    return {
        "code": keys.of(title),
        "version": "1.0.0",
        "title": title,
        "attribution": f"{title}, version {metadata.get('version', '?')}",
        "sections": sections,
    }


def _groups(catalog: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], list[Any]]]:
    """Yield each group with the controls that are its own, those of the catalog itself first."""
    stack: list[tuple[Mapping[str, Any], int]] = [(catalog, 0)]
    while stack:
        group, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise NotReadable("The groups are nested too deep.")
        yield group, [one for one in _controls(group) if not _is_withdrawn(one)]
        inner = [one for one in group.get("groups", []) if isinstance(one, Mapping)]
        stack += [(one, depth + 1) for one in reversed(inner)]


def _controls(holder: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Yield controls with their enhancements after them."""
    if depth > MAX_DEPTH:
        raise NotReadable("The controls are nested too deep.")
    for control in holder.get("controls", []):
        if isinstance(control, Mapping):
            yield control
            yield from _controls(control, depth + 1)


def _is_withdrawn(control: Mapping[str, Any]) -> bool:
    return any(
        prop.get("name") == "status" and prop.get("value") == "withdrawn"
        for prop in control.get("props", [])
        if isinstance(prop, Mapping)
    )


def _question(control: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    try:
        name, title = str(control["id"]), str(control["title"])
    except KeyError as error:
        raise NotReadable(f"A control has no {error}.") from error
    labels = {
        str(one["id"]): str(one.get("label", "a value of yours"))
        for one in control.get("params", [])
        if isinstance(one, Mapping) and "id" in one
    }
    prose = "\n".join(_prose(control.get("parts", []), labels))
    question = {
        "key": keys.of(name),
        "kind": "choice",
        "weight": 1,
        "text": words_of(title),
        "choices": ANSWERS,
        "na_allowed": True,
        "control_refs": [_REFERENCE.sub("-", name)[:60]],
    }
    return question | ({"hint": words} if (words := words_of(prose)) else {})


def _prose(parts: Any, labels: Mapping[str, str], depth: int = 0) -> Iterator[str]:
    """Yield what the statement says; guidance and assessment methods are for other readers."""
    if depth > MAX_DEPTH or not isinstance(parts, list):
        return
    for part in parts:
        if isinstance(part, Mapping) and part.get("name") in {"statement", "item"}:
            if text := str(part.get("prose", "")):
                yield _PARAMETER.sub(lambda found: f"[{labels.get(found[1], found[1])}]", text)
            yield from _prose(part.get("parts"), labels, depth + 1)
