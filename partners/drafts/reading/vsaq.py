"""A questionnaire of google/vsaq: its blocks, its questions, and its conditions as ours.

Conditions are read as that program reads them, from left to right without precedence, and “!” is
for the next word or bracket; but they are kept as a tree of ours and decided by our rules. What a
tree of ours cannot say (functions, answers of later questions) is left out and noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from partners.drafts.reading.keys import Keys, NotReadable
from partners.drafts.reading.plain import words_of

MAX_DEPTH = 20
_WORDS = re.compile(r"\s*(&&|\|\||!|\(|\)|[A-Za-z0-9_./-]+)")
_KINDS = {"line": "text", "box": "long_text", "upload": "files"}
_HEAVY = {"high", "critical"}

Condition = dict[str, Any]


@dataclass(slots=True)
class Result:
    """A document, and what of the file could not become part of it."""

    document: dict[str, Any]
    notes: list[str] = field(default_factory=list)


class _Unsaid(ValueError):
    """A condition that ours cannot say."""


def read(document: Any, *, code: str, title: str) -> Result:
    items = document.get("questionnaire") if isinstance(document, Mapping) else None
    if not isinstance(items, list):
        raise NotReadable("This is no VSAQ questionnaire: it has no list “questionnaire”.")
    reader = _Reader()
    for item in items:
        reader.block(item, None, depth=0)
    sections = [section for section in reader.sections if section["questions"]]
    if not sections:
        raise NotReadable("The questionnaire asks nothing.")
    made = {
        "code": code,
        "version": "1.0.0",
        "title": title,
        "licence": "Apache-2.0",
        "attribution": "From the questionnaires of google/vsaq, changed in form.",
        "sections": sections,
    }
    return Result(made, reader.notes)


class _Reader:
    def __init__(self) -> None:
        self.keys = Keys()
        self.sections: list[dict[str, Any]] = []
        self.notes: list[str] = []
        # What an id of theirs that is said to be true is held to, of questions read so far.
        self.held: dict[str, Condition] = {}

    def block(self, item: Any, condition: Condition | None, *, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise NotReadable("The blocks are nested too deep.")
        if not isinstance(item, Mapping):
            raise NotReadable("An item is no object.")
        if item.get("type") != "block":
            self._item(item, condition)
            return
        both = _both(condition, self._condition(item))
        children = item.get("items", [])
        if any(isinstance(one, Mapping) and one.get("type") != "block" for one in children):
            self._open(item)
        for child in children:
            self.block(child, both, depth=depth + 1)

    def _open(self, item: Mapping[str, Any]) -> None:
        title = words_of(str(item.get("text", "")))[:300] or f"Part {len(self.sections) + 1}"
        code = self.keys.of(f"block {item.get('id', title)}")
        self.sections.append({"code": code, "title": title, "questions": []})

    def _item(self, item: Mapping[str, Any], condition: Condition | None) -> None:
        kind = str(item.get("type"))
        if kind in {"spacer", "info"}:
            return
        if kind == "tip":
            self._tip(item)
            return
        question = self._question(item, kind)
        if question is None:
            self.notes.append(f"An item of the kind “{kind}” was left out.")
            return
        shown = _both(condition, self._condition(item))
        if not self.sections:
            self._open({})
        self.sections[-1]["questions"].append(question | ({"visible_if": shown} if shown else {}))

    def _question(self, item: Mapping[str, Any], kind: str) -> dict[str, Any] | None:
        name = str(item.get("id", item.get("text", "")))
        key = self.keys.new(name)
        asked: dict[str, Any] = {
            "key": key,
            "text": words_of(str(item.get("text", ""))) or name or "Tell us more.",
            "required": bool(item.get("required", False)),
        }
        if kind in _KINDS:
            self.held[name] = {"answered": key}
            return asked | {"kind": _KINDS[kind]}
        if kind in {"radiogroup", "checkgroup"}:
            op = "eq" if kind == "radiogroup" else "contains"
            return asked | {
                "kind": "choice" if kind == "radiogroup" else "choices",
                "choices": list(self._choices(item.get("choices", []), key, op)),
            }
        if kind == "yesno":
            self.held |= {f"{name}/{one}": {"eq": [key, one]} for one in ("yes", "no")}
            words = {"yes": str(item.get("yes", "Yes")), "no": str(item.get("no", "No"))}
            choices = [{"key": one, "label": words_of(text)} for one, text in words.items()]
            return asked | {"kind": "choice", "choices": choices}
        if kind == "check":
            self.held[name] = {"contains": [key, "yes"]}
            choices = [{"key": "yes", "label": asked["text"]}]
            return asked | {"kind": "choices", "choices": choices}
        return None

    def _choices(self, raw: Any, key: str, op: str) -> Iterator[dict[str, Any]]:
        own = Keys()
        for choice in raw:
            if not isinstance(choice, Mapping):
                raise NotReadable("A choice is no object.")
            for name, label in choice.items():
                chosen = own.of(str(name))
                self.held[str(name)] = {op: [key, chosen]}
                yield {"key": chosen, "label": words_of(str(label)) or str(name)}

    def _tip(self, item: Mapping[str, Any]) -> None:
        """Note a warning of theirs: it says which answer is bad; a person turns it into ours."""
        if str(item.get("severity", "")) in _HEAVY:
            cause = str(item.get("cond", "")) or "always"
            self.notes.append(f"{item['severity']}: {item.get('name', 'a warning')} ({cause})")

    def _condition(self, item: Mapping[str, Any]) -> Condition | None:
        text = str(item.get("cond") or "").strip()
        if not text:
            return None
        try:
            return _Parser(text, self.held).whole()
        except _Unsaid as why:
            self.notes.append(f"The condition “{text[:200]}” was left out: {why}.")
            return None


class _Parser:
    def __init__(self, text: str, held: Mapping[str, Condition]) -> None:
        self.words = _WORDS.findall(text)
        self.held = held
        if "".join(self.words) != re.sub(r"\s+", "", text):
            raise _Unsaid("it uses a function or a sign that is unknown")

    def whole(self) -> Condition:
        found = self._row(0)
        if self.words:
            raise _Unsaid("its brackets do not match")
        return found

    def _row(self, depth: int) -> Condition:
        """Read words joined by && and ||, each join with all that stands to its left."""
        left = self._one(depth)
        while self.words and self.words[0] in {"&&", "||"}:
            op = "all" if self.words.pop(0) == "&&" else "any"
            right = self._one(depth)
            # A run of the same sign is one list: as deep as its meaning, not as its length.
            parts = left.get(op, [left])
            left = {op: [*parts, right]}
        return left

    def _one(self, depth: int) -> Condition:
        if depth > MAX_DEPTH or not self.words:
            raise _Unsaid("it ends too early or is nested too deep")
        word = self.words.pop(0)
        if word == "!":
            return {"not": self._one(depth + 1)}
        if word == "(":
            inner = self._row(depth + 1)
            if not self.words or self.words.pop(0) != ")":
                raise _Unsaid("its brackets do not match")
            return inner
        if word not in self.held:
            raise _Unsaid(f"“{word}” is no answer of an earlier question")
        return self.held[word]


def _both(first: Condition | None, second: Condition | None) -> Condition | None:
    if first is None or second is None:
        return first or second
    parts = first.get("all", [first])
    return {"all": [*parts, second]}
