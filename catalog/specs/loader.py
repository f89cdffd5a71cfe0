"""From bytes to a document: everything that can be wrong with a file is said here, by name."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.rules.rulebook import Found
from catalog.specs.yaml_reader import MAX_DUPLICATES, UnreadableYaml, escaped, read_yaml
from portal.errors import Refused

MAX_DEPTH = 200
MAX_NODES = 2_000_000
MAX_STEP = 500
_OPENAPI = re.compile(r"3\.[012](?:\.\d+)?(?:-[\w.]+)?")
_ASYNCAPI = re.compile(r"[23]\.\d{1,2}(?:\.\d+)?(?:-[\w.]+)?")
_HALF_CHARACTERS = re.compile("[\ud800-\udfff\x00]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")


class Unreadable(Refused):
    """A file that no API can be read from. The codes are listed in docs/importing.md."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class Loaded:
    """`format` names the specification and the syntax, such as `openapi-3.1 yaml`."""

    document: dict[str, Any]
    format: str
    findings: tuple[Found, ...]


def load(raw: bytes, *, max_bytes: int) -> Loaded:
    """Return the document in the bytes, or raise `Unreadable` with the code that says why not."""
    findings: list[Found] = []
    text = text_of(raw, max_bytes=max_bytes, findings=findings)
    if text.startswith(("{", "[")):
        syntax = "json"
        value, duplicates = _read_json(text)
    else:
        syntax = "yaml"
        value, duplicates = _read_yaml(text)
    if not isinstance(value, dict):
        raise Unreadable("The document is not an object.", code="not_an_object")
    kind = _kind(value)
    findings += [
        Found("duplicate-key", pointer, "This key is given twice; the last one counts.")
        for pointer in duplicates
    ]
    findings += _clean(value)
    return Loaded(value, f"{kind} {syntax}", tuple(findings))


def text_of(raw: bytes, *, max_bytes: int, findings: list[Found]) -> str:
    """Return the text in the bytes; raises `Unreadable` where there is none."""
    if len(raw) > max_bytes:
        raise Unreadable(f"The document is larger than {max_bytes:,} bytes.", code="too_large")
    if raw.startswith(_ARCHIVES):
        raise Unreadable("This is an archive; unpack it and send what is in it.", code="archive")
    if raw.startswith(_UTF16):
        raise Unreadable("The document is UTF-16; save it as UTF-8.", code="utf16")
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
        findings.append(Found("byte-order-mark", "", "The document begins with a byte order mark."))
    if b"\x00" in raw:
        raise Unreadable("The document holds NUL bytes.", code="nul_bytes")
    try:
        text = raw.decode().strip()
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"The document is not UTF-8: see byte {error.start + 1:,}.", code="not_utf8"
        ) from error
    if not text:
        raise Unreadable("The document is empty.", code="empty")
    if text.startswith("<"):
        is_page = text[:200].lower().startswith(("<!doctype html", "<html"))
        what, code = ("a web page", "html") if is_page else ("XML", "xml")
        raise Unreadable(f"This is {what}, not an API description.", code=code)
    return text


def _read_json(text: str) -> tuple[Any, list[str]]:
    twice: dict[int, tuple[Any, list[str]]] = {}  # The object too, lest its id is used again.

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            counts = Counter(name for name, _ in items)
            twice[id(made)] = made, [name for name, count in counts.items() if count > 1][:20]
        return made

    def constant(name: str) -> float:
        raise Unreadable(f"The document is not valid JSON: {name} is no number.", code="bad_json")

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"The document is not valid JSON in line {error.lineno}, column {error.colno}: "
            f"{error.msg}.",
            code="bad_json",
        ) from error
    except RecursionError as error:
        raise Unreadable("The document is nested too deeply.", code="too_deep") from error
    except ValueError as error:
        raise Unreadable("The document holds a number without end.", code="bad_json") from error
    duplicates = []
    for node, where in walk(value):
        if isinstance(node, dict) and id(node) in twice:
            names = twice[id(node)][1]
            duplicates += [pointer_of((where, name)) for name in names]
        if len(duplicates) > MAX_DUPLICATES:
            break
    return value, duplicates


def _read_yaml(text: str) -> tuple[Any, list[str]]:
    try:
        return read_yaml(text, max_nodes=MAX_NODES, max_depth=MAX_DEPTH)
    except UnreadableYaml as error:
        raise Unreadable(str(error), code=error.code) from error


def _kind(document: dict[str, Any]) -> str:
    if "openapi" in document:
        stated = str(document["openapi"])
        if _OPENAPI.fullmatch(stated):
            return f"openapi-{stated[:3]}"
        raise Unreadable("The document names an unknown version of OpenAPI.", code="bad_version")
    if "swagger" in document:
        if str(document["swagger"]) in {"2.0", "2"}:
            return "swagger-2.0"
        raise Unreadable("Of Swagger only version 2.0 is read.", code="bad_version")
    if "asyncapi" in document:
        stated = str(document["asyncapi"])
        if _ASYNCAPI.fullmatch(stated):
            return f"asyncapi-{stated[:3]}"
        raise Unreadable("Of AsyncAPI versions 2 and 3 are read.", code="bad_version")
    raise Unreadable(
        "The document has neither “openapi” nor “swagger” nor “asyncapi” at its top.",
        code="not_openapi",
    )


Trail = tuple["Trail", str | int] | None


def walk(value: Any) -> Iterator[tuple[Any, Trail]]:
    """Yield each container with its trail, without recursion; refuse what is too deep or large."""
    stack: list[tuple[Any, Trail, int]] = [(value, None, 1)]
    count = 0
    while stack:
        node, trail, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise Unreadable("The document is nested too deeply.", code="too_deep")
        count += len(node) if isinstance(node, dict | list) else 1
        if count > MAX_NODES:
            raise Unreadable("The document has too many parts.", code="too_many_nodes")
        yield node, trail
        if isinstance(node, dict):
            steps: Any = node.items()
        elif isinstance(node, list):
            steps = enumerate(node)
        else:
            continue
        stack += [
            (child, (trail, step), depth + 1)
            for step, child in steps
            if isinstance(child, dict | list)
        ]


def pointer_of(trail: Trail) -> str:
    """Return the pointer; of a step that is endless only its beginning."""
    return "".join(f"/{escaped(str(step)[:MAX_STEP])}" for step in reversed(list(steps_up(trail))))


def steps_up(trail: Trail) -> Iterator[str | int]:
    while trail is not None:
        trail, step = trail
        yield step


def _clean(document: dict[str, Any]) -> list[Found]:
    """Replace what JSON allows and no database stores: NUL, half characters, endless numbers."""
    findings: list[Found] = []
    seen: set[int] = set()
    for node, trail in walk(document):
        if id(node) in seen:
            continue
        seen.add(id(node))
        if _clean_node(node):
            message = "Characters or numbers that cannot be stored were replaced."
            findings.append(Found("text-unstorable", pointer_of(trail), message))
    return findings


def _clean_node(node: Any) -> bool:
    steps = list(node.items() if isinstance(node, dict) else enumerate(node))
    is_changed = False
    for step, value in steps:
        if isinstance(value, str):
            if not value.isprintable() and _HALF_CHARACTERS.search(value):
                node[step] = _HALF_CHARACTERS.sub("�", value)
                is_changed = True
        elif isinstance(value, float) and not math.isfinite(value):
            node[step] = None
            is_changed = True
    if isinstance(node, dict) and any(_HALF_CHARACTERS.search(key) for key in node):
        cleaned = {_HALF_CHARACTERS.sub("�", key): value for key, value in node.items()}
        node.clear()
        node.update(cleaned)
        is_changed = True
    return is_changed
