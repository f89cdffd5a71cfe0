"""Single cases of a scope in the words of their type (RFC 9396): what a person reads. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_PLACE = re.compile(r"\{([a-z0-9_.]+)\}")


def tell(
    content: Mapping[str, Any], *, title: str, lines: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return a case as a person reads it: a title, and lines of a label and a text each.

    A line whose fields are absent is left out. Texts are what the client sent: escape them.
    """
    told = []
    for line in lines:
        values = {path: _at(content, path) for path in _PLACE.findall(line["text"])}
        if None not in values.values():
            words = {path: _words(value, line["words"]) for path, value in values.items()}
            told.append({"label": line["label"], "text": _filled(line["text"], words)})
    return {"title": title, "lines": told}


def _at(content: Mapping[str, Any], path: str) -> Any:
    value: Any = content
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _filled(text: str, words: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: words[found[1]], text)


def _words(value: Any, words: Mapping[str, str]) -> str:
    if isinstance(value, list):
        told = [_words(each, words) for each in value]
        return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else "".join(told)
    if isinstance(value, bool):
        key, plain = str(value).lower(), "Yes" if value else "No"
    else:
        key = plain = str(value)
    return words.get(key, plain)
