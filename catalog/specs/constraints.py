"""What a value must keep to, and what it may look like, as a schema says it. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from catalog.specs.markdown import cut
from catalog.specs.shapes import Shape

# Beyond these a list of values goes on unnamed: its end is only counted.
MAX_VALUES = 200
MAX_VALUE_CHARACTERS = 4000
MAX_PATTERN = 200
MAX_EXAMPLE = 120
_SAYS_NOTHING = frozenset({"string", "str", "…"})
_NUMBERS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "minItems", "maxItems",
)  # fmt: skip


def constraints_of(shape: Shape) -> dict[str, Any]:
    """Return the limits of a value under the words of JSON Schema, and only those that are said.

    `enum` holds texts; where a list is too long, `more` counts what is not in it.
    """
    words = shape.keywords
    found = {name: words[name] for name in _NUMBERS if _is_number(words.get(name))}
    # OpenAPI 3.0 says yes or no beside the limit; JSON Schema since 2019 gives the limit itself.
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if words.get(exclusive) is True and limit in found:
            found[exclusive] = found.pop(limit)
    if isinstance(pattern := words.get("pattern"), str) and 0 < len(pattern) <= MAX_PATTERN:
        found["pattern"] = pattern
    if isinstance(stated := words.get("format"), str) and stated:
        found["format"] = cut(stated, 40)
    found |= _values(shape.enum)
    for name in ("const", "default"):
        if name in words and (text := as_text(words[name])):
            found[name] = text
    if _is_nullable(shape):
        found["nullable"] = True
    return found


def as_text(value: Any) -> str:
    """Return a single value as people read it; nothing for what is no single value."""
    if value is None or isinstance(value, dict | list):
        return ""
    return cut(value if isinstance(value, str) else json.dumps(value), MAX_EXAMPLE)


def stated_example(shape: Shape) -> str:
    """Return the example that a schema gives of itself."""
    examples = shape.keywords.get("examples")
    first = examples[0] if isinstance(examples, list) and examples else None
    return telling(shape.keywords.get("example")) or telling(first)


def telling(value: Any) -> str:
    """Return an example as text, unless it says no more than the type does."""
    text = as_text(value)
    return "" if text in _SAYS_NOTHING else text


def example_at(body: Any, pointer: str) -> str:
    """Return what stands at a pointer of an example, in the first item of each list."""
    found = body
    for step in pointer.split("/")[1:]:
        if isinstance(found, list) and step == "*":
            found = found[0] if found else None
        elif isinstance(found, dict):
            name = step.replace("~1", "/").replace("~0", "~")
            found = next(iter(found.values()), None) if name == "*" else found.get(name)
        else:
            return ""
    return telling(found)


def _values(enum: Iterable[Any]) -> dict[str, Any]:
    texts = [text for one in enum if (text := as_text(one))]
    kept: list[str] = []
    room = MAX_VALUE_CHARACTERS
    for text in texts[:MAX_VALUES]:
        room -= len(text)
        if room < 0:
            break
        kept.append(text)
    more = len(texts) - len(kept)
    return {} if not kept else {"enum": kept} | ({"more": more} if more else {})


def _is_nullable(shape: Shape) -> bool:
    stated = shape.keywords.get("type")
    return shape.keywords.get("nullable") is True or (isinstance(stated, list) and "null" in stated)


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # What is no JSON, or longer than a page can say, is no limit to anybody.
    return is_number and (abs(value) < 10**18 if isinstance(value, int) else math.isfinite(value))
