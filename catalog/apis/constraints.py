"""What a value must keep to, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST_VALUES = 12


def in_words(constraints: Mapping[str, Any], *, type_name: str = "") -> str:
    """Return the limits of a value as one line; empty where there are none.

    `constraints` are as a description's reading stores them, under the words of JSON Schema;
    `type_name` is what stands beside the line already.
    """
    said = "; ".join(_said(constraints, type_name))
    return said[:1].upper() + said[1:]


def with_limits(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parameter, or a field of a body, with its limits in words and a telling example."""
    limits = stated.get("constraints") or {}
    such_as = str(stated.get("such_as", ""))
    return {
        **stated,
        "limits": in_words(limits, type_name=str(stated.get("type", ""))),
        # What stands in the list of values needs no example.
        "such_as": "" if "enum" in limits or "const" in limits else such_as,
    }


def _said(one: Mapping[str, Any], type_name: str) -> Iterator[str]:
    if "const" in one:
        yield f"always {one['const']}"
    elif values := one.get("enum"):
        left = len(values) - MOST_VALUES + int(one.get("more", 0))
        more = f" and {left} more" if left > 0 else ""
        yield f"one of {', '.join(values[:MOST_VALUES])}{more}"
    if "format" in one and one["format"] not in type_name and "enum" not in one:
        yield str(one["format"])
    yield from _between(one, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    if "multipleOf" in one:
        yield f"a multiple of {one['multipleOf']}"
    yield from _counted(one, "minLength", "maxLength", "character")
    yield from _counted(one, "minItems", "maxItems", "item")
    if "pattern" in one:
        yield f"fits {one['pattern']}"
    if one.get("nullable"):
        yield "may be null"
    if "default" in one:
        yield f"{one['default']} unless said"


def _between(
    one: Mapping[str, Any], least: str, most: str, above: str, below: str
) -> Iterator[str]:
    if least in one and most in one:
        yield f"{one[least]} to {one[most]}"
        return
    for name, words in (
        (least, "at least"),
        (above, "more than"),
        (most, "at most"),
        (below, "less than"),
    ):
        if name in one:
            yield f"{words} {one[name]}"


def _counted(one: Mapping[str, Any], least: str, most: str, thing: str) -> Iterator[str]:
    low, high = one.get(least) or 0, one.get(most)
    if high is None:
        if low:
            yield f"at least {low} {_plural(thing, low)}"
    elif low == high:
        yield f"exactly {high} {_plural(thing, high)}"
    elif low:
        yield f"{low} to {high} {_plural(thing, high)}"
    else:
        yield f"up to {high} {_plural(thing, high)}"


def _plural(thing: str, count: float) -> str:
    return thing if count == 1 else f"{thing}s"
