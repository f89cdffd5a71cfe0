"""In which line of a document the parts are that JSON pointers name."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import yaml

_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],]', re.DOTALL)


@dataclass(slots=True)
class _Part:
    """A part that some pointer leads through; `line` is known once it was met."""

    steps: dict[str, _Part] = field(default_factory=dict)
    line: int | None = None

    def met(self, line: int) -> None:
        # Of a key that is given twice the last one counts.
        self.line = line


def lines_of(raw: bytes, pointers: Iterable[str]) -> dict[str, int]:
    """Return the line, counted from 1, in which each pointer's part begins.

    Where the part is not written there itself, because it came by an alias or is missing, it is the
    line of the nearest part around it. The document is one that was read before.
    """
    wanted = list(pointers)
    root = _Part(line=1)
    before = 0
    for pointer in wanted:
        part = root
        for step in _steps(pointer):
            part = part.steps.setdefault(step, _Part())
    if root.steps:
        whole = raw.decode("utf-8-sig", errors="replace")
        text = whole.lstrip()
        before = whole.count("\n", 0, len(whole) - len(text))
        read = _read_json if text.startswith(("{", "[")) else _read_yaml
        read(text.rstrip(), root)
    return {pointer: before + _nearest(root, pointer) for pointer in wanted}


def _nearest(root: _Part, pointer: str) -> int:
    part, line = root, 1
    for step in _steps(pointer):
        part = part.steps[step]
        if part.line is None:
            break
        line = part.line
    return line


def _steps(pointer: str) -> Iterator[str]:
    for step in pointer.split("/")[1:]:
        yield step.replace("~1", "/").replace("~0", "~")


@dataclass(slots=True)
class _Open:
    """A container that is being read: None where no pointer leads into it."""

    part: _Part | None
    is_list: bool
    count: int = 0
    key: _Part | None = None
    has_key: bool = False

    def item(self, line: int) -> _Part | None:
        """Return the part of the item of a list that begins in this line."""
        found = self.part.steps.get(str(self.count)) if self.part else None
        self.count += 1
        if found:
            found.met(line)
        return found

    def named(self, name: str, line: int) -> None:
        self.key = self.part.steps.get(name) if self.part else None
        self.has_key = True
        if self.key:
            self.key.met(line)

    def value(self, line: int) -> _Part | None:
        if self.is_list:
            return self.item(line)
        found, self.key, self.has_key = self.key, None, False
        return found


def _read_yaml(text: str, root: _Part) -> None:
    stack: list[_Open] = []
    for event in yaml.parse(text, Loader=_READER):
        line = (event.start_mark.line if event.start_mark else 0) + 1
        top = stack[-1] if stack else None
        if isinstance(event, yaml.CollectionStartEvent):
            inner = top.value(line) if top else root
            stack.append(_Open(inner, isinstance(event, yaml.SequenceStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif top and isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            if top.is_list or top.has_key:
                top.value(line)
            else:
                top.named(event.value if isinstance(event, yaml.ScalarEvent) else "", line)


def _read_json(text: str, root: _Part) -> None:
    breaks = [found.start() for found in re.finditer("\n", text)]
    stack: list[_Open] = []
    for token in _TOKEN.finditer(text):
        sign = token[0]
        top = stack[-1] if stack else None
        if sign in "{[":
            # Where no pointer leads nothing is looked up, and no line is counted.
            line = bisect_right(breaks, token.start()) + 1 if top and top.part else 1
            inner = _json_value(top, line) if top else root
            stack.append(_Open(inner, sign == "["))
        elif sign in "}]":
            stack.pop()
        elif sign == ",":
            if top:
                top.has_key = False
                top.count += top.is_list
        elif top and top.part:
            line = bisect_right(breaks, token.start()) + 1
            if top.is_list:
                _json_value(top, line)
            elif not top.has_key:
                name = json.loads(sign, strict=False) if "\\" in sign else sign[1:-1]
                top.named(name, line)


def _json_value(top: _Open, line: int) -> _Part | None:
    """Return the part of a value; commas count the items, for numbers are no tokens here."""
    if not top.is_list:
        return top.key
    found = top.part.steps.get(str(top.count)) if top.part else None
    if found:
        found.met(line)
    return found
