"""What a call and its answer look like, made from the stored parts of an operation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import quote, urlencode

from catalog.apis.models import Operation
from catalog.apis.snippets import Call

_LONGEST = 3000


def sample_call(operation: Operation, base_url: str) -> Call:
    """Return a call with the document's examples in its path and its required query."""
    examples = operation.examples.get("path") or {}
    path, query = operation.path, {}
    for parameter in operation.parameters:
        name, place = str(parameter.get("name", "")), parameter.get("in")
        example = _first_of(examples.get(name), parameter.get("example"), default=name.upper())
        if place == "path":
            path = path.replace("{" + name + "}", quote(example, safe=""))
        elif place == "query" and parameter.get("required"):
            query[name] = example
    # What is left of a template, or of a strange path, must not end the literal it stands in.
    path = quote(path, safe="/{}:@!$&'()*+,;=-._~%")
    return Call(
        method=operation.method.upper(),
        url=base_url + path + (f"?{urlencode(query)}" if query else ""),
        needs_token=bool(operation.security or operation.scopes),
        body=_sample_body(operation),
    )


def sample_answer(operation: Operation) -> Any:
    """Return the example of the first answer that is a success, or None."""
    if "response" in operation.examples:
        return operation.examples["response"]
    for response in operation.responses:
        if str(response.get("status", "")).startswith("2") and response.get("example") is not None:
            return response["example"]
    return None


def without(body: Any, pointers: Iterable[str]) -> Any:
    """Return the body as a reader sees it to whom these fields are not revealed.

    Pointers are RFC 6901 with `*` for the items of an array.
    """
    seen = deepcopy(body)
    for pointer in pointers:
        _remove(seen, pointer.split("/")[1:])
    return seen


def in_order(body: Any, pointers: Sequence[str]) -> Any:
    """Return the body with its keys in the order of the fields; the database keeps no order."""
    places = {pointer: place for place, pointer in reversed(list(enumerate(pointers)))}
    return _ordered(body, "", places)


def written(body: Any) -> str:
    """Return the body as indented JSON, cut at a line when it is longer than a page can hold."""
    text = json.dumps(body, ensure_ascii=False, indent=2)
    if len(text) <= _LONGEST:
        return text
    kept = text[:_LONGEST].rsplit("\n", 1)[0] if "\n" in text[:_LONGEST] else text[:_LONGEST]
    return f"{kept}\n…"


def _sample_body(operation: Operation) -> Any:
    if not operation.request_body:
        return None
    body = operation.examples.get("request", operation.request_body.get("example"))
    if body is None:
        return {}
    return body if len(json.dumps(body)) <= _LONGEST // 3 else {"…": "see the fields of the body"}


def _first_of(*values: Any, default: str) -> str:
    value = next((value for value in values if value not in (None, "", [], {})), default)
    return str(value).lower() if isinstance(value, bool) else str(value)[:200]


def _ordered(node: Any, pointer: str, places: Mapping[str, int]) -> Any:
    if isinstance(node, list):
        return [_ordered(item, f"{pointer}/*", places) for item in node]
    if not isinstance(node, dict):
        return node
    steps = {key: f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}" for key in node}
    keys = sorted(node, key=lambda key: places.get(steps[key], len(places)))
    return {key: _ordered(node[key], steps[key], places) for key in keys}


def _remove(node: Any, steps: list[str]) -> None:
    if not steps:
        return
    step, rest = steps[0].replace("~1", "/").replace("~0", "~"), steps[1:]
    if step == "*" and isinstance(node, list):
        for item in node:
            _remove(item, rest)
    elif isinstance(node, dict) and step in node:
        if rest:
            _remove(node[step], rest)
        else:
            del node[step]
