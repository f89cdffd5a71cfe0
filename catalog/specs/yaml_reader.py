"""YAML as JSON sees it: own resolution of scalars, no objects, no surprises, no bombs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from portal.errors import Refused

_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,100})")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_STRING_TAG = "tag:yaml.org,2002:str"
_MERGE = "<<"
MAX_POINTER = 500
MAX_DUPLICATES = 10_000


class UnreadableYaml(Refused):
    code = "invalid_yaml"


@dataclass(slots=True)
class _Node:
    """A container that is being read: `size` and `height` count what its aliases expand to."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    pointer: str
    key: str | None = None
    size: int = 1
    height: int = 1
    merged: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Anchored:
    value: Any
    size: int
    height: int


def read_yaml(text: str, *, max_nodes: int, max_depth: int) -> tuple[Any, list[str]]:
    """Return the value and the pointers of keys that were given twice (the last one counts).

    Works on the stream of events, so that neither a deep document nor one that doubles itself
    through aliases is ever built. Raises `UnreadableYaml`.
    """
    try:
        return _Composer(max_nodes=max_nodes, max_depth=max_depth).compose(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise UnreadableYaml(f"The document is not valid YAML{where}: {problem}.") from error


class _Composer:
    def __init__(self, *, max_nodes: int, max_depth: int) -> None:
        self.max_nodes = max_nodes
        self.max_depth = max_depth
        self.stack: list[_Node] = []
        self.anchors: dict[str, _Anchored | None] = {}
        self.duplicates: list[str] = []
        self.root: list[Any] = []

    def compose(self, text: str) -> tuple[Any, list[str]]:
        documents = 0
        for event in yaml.parse(text, Loader=_READER):
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                self._open({}, event.anchor)
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open([], event.anchor)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise UnreadableYaml(
                        "The file holds several YAML documents.", code="several_documents"
                    )
        return (self.root[0] if self.root else None), self.duplicates

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._expects_key():
            self._key(event)
            return
        # The C parser says an empty style where the other one says None.
        is_plain = not event.style and (event.implicit[0] or event.tag != _STRING_TAG)
        value = plain(event.value) if is_plain else event.value
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, 1, 0)
        self._put(value, size=1, height=0)

    def _key(self, event: yaml.ScalarEvent) -> None:
        top = self.stack[-1]
        top.key = event.value
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(event.value, 1, 0)
        is_twice = event.value in top.value and event.value != _MERGE
        if is_twice and len(self.duplicates) < MAX_DUPLICATES:
            self.duplicates.append(self._pointer())

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        known = self.anchors.get(name)
        if known is None:
            reason = "contains itself" if name in self.anchors else "is not defined"
            raise UnreadableYaml(f"The anchor {name} {reason}.", code="bad_alias")
        if self._expects_key():
            if not isinstance(known.value, str):
                raise UnreadableYaml("A key of an object is not text.", code="bad_key")
            self.stack[-1].key = known.value
            return
        self._put(known.value, size=known.size, height=known.height)

    def _open(self, value: dict[str, Any] | list[Any], anchor: str | None) -> None:
        if self._expects_key():
            raise UnreadableYaml("A key of an object is not text.", code="bad_key")
        if len(self.stack) >= self.max_depth:
            raise UnreadableYaml("The document is nested too deeply.", code="too_deep")
        if anchor:
            self.anchors[anchor] = None
        self.stack.append(_Node(value, anchor, self._pointer()))

    def _close(self) -> None:
        node = self.stack.pop()
        if isinstance(node.value, dict):
            for merged in node.merged:
                for key, value in merged.items():
                    node.value.setdefault(key, value)
        if node.anchor:
            self.anchors[node.anchor] = _Anchored(node.value, node.size, node.height)
        self._put(node.value, size=node.size, height=node.height)

    def _put(self, value: Any, *, size: int, height: int) -> None:
        if not self.stack:
            self.root.append(value)
            return
        top = self.stack[-1]
        top.size += size
        top.height = max(top.height, height + 1)
        if top.size > self.max_nodes:
            raise UnreadableYaml(
                "The document becomes too large when its aliases are written out.",
                code="too_many_nodes",
            )
        if len(self.stack) + height > self.max_depth:
            raise UnreadableYaml("The document is nested too deeply.", code="too_deep")
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key == _MERGE and _mergeable(value):
            top.merged += value if isinstance(value, list) else [value]
            top.key = None
        elif top.key is not None:
            top.value[top.key] = value
            top.key = None

    def _expects_key(self) -> bool:
        return (
            bool(self.stack)
            and isinstance(self.stack[-1].value, dict)
            and (self.stack[-1].key is None)
        )

    def _pointer(self) -> str:
        if not self.stack:
            return ""
        top = self.stack[-1]
        step = len(top.value) if isinstance(top.value, list) else top.key or ""
        # Cut, lest an endless key is copied for each of its parts.
        return f"{top.pointer}/{escaped(str(step)[:MAX_POINTER])}"[:MAX_POINTER]


def _mergeable(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(isinstance(one, dict) for one in values)


def plain(text: str) -> Any:
    """Return what a scalar without quotes means in the JSON schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def escaped(step: str) -> str:
    """Return one step of a JSON pointer (RFC 6901 §3)."""
    return step.replace("~", "~0").replace("/", "~1")
