"""Protocol Buffers, lightly: packages, services, calls, messages and enums with their comments.

Written for reading, not for compiling: options are passed over, imports are named and never opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.specs.loader import Unreadable
from catalog.specs.parts import MAX_PARTS, ParsedPart, PartField, part

MAX_TOKENS = 1_000_000
MAX_DEPTH = 50
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<word>[\w.+-]+)|(?P<mark>[{}()\[\]<>;=,:/])|(?P<wrong>.)",
    re.DOTALL,
)
_LABELS = frozenset({"optional", "required", "repeated"})


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    comment: str
    at: int


@dataclass(slots=True)
class ProtoFile:
    package: str = ""
    version: str = ""
    comment: str = ""
    imports: list[str] = field(default_factory=list)
    parts: list[ParsedPart] = field(default_factory=list)


def read_proto(text: str) -> ProtoFile:
    """Return what the file defines; raises `Unreadable` with the line where it cannot be read."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.source = text
        self.tokens = list(_tokens(text))
        self.place = 0
        self.file = ProtoFile()

    def read(self) -> ProtoFile:
        if self.tokens:
            self.file.comment = self.tokens[0].comment
        while self.place < len(self.tokens):
            self._statement("", depth=0)
        return self.file

    def _statement(self, scope: str, *, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise Unreadable("The document is nested too deeply.", code="too_deep")
        token = self._next()
        match token.text:
            case "package":
                self.file.package = self._next().text
                self._skip()
            case "import":
                named = [one for one in self._words() if one[:1] in {'"', "'"}]
                self.file.imports += [one[1:-1] for one in named]
            case "message" if self._opens(1):
                self._message(scope, token, depth=depth)
            case "enum" if self._opens(1):
                self._enum(scope, token)
            case "service" if self._opens(1):
                self._service(token)
            case ";":
                return
            case "}":
                raise self._wrong(token)
            case _:
                self._skip()

    def _message(self, scope: str, token: _Token, *, depth: int) -> None:
        name = f"{scope}{self._next().text}"
        self._expect("{")
        index = len(self.file.parts)
        fields: list[PartField] = []
        self._body(name, fields, depth=depth)
        made = part(
            "message", name, group="Messages", signature=f"message {self._full(name)}",
            description=token.comment, fields=fields,
        )  # fmt: skip
        # Before those that are defined inside of it.
        self._add(made, index)

    def _body(self, name: str, fields: list[PartField], *, depth: int, prefix: str = "") -> None:
        while (token := self._peek()).text != "}":
            if token.text in {"message", "enum"} and self._opens(2):
                self._statement(f"{name}.", depth=depth + 1)
            elif token.text == "oneof" and self._opens(2):
                self._next()
                one_of = f"one of {self._next().text}: "
                self._expect("{")
                if depth >= MAX_DEPTH:
                    raise Unreadable("The document is nested too deeply.", code="too_deep")
                self._body(name, fields, depth=depth + 1, prefix=one_of)
            elif token.text in {"option", "reserved", "extensions", "extend", ";"}:
                self._next()
                self._skip(token.text)
            else:
                self._field(fields, prefix)
        self._next()

    def _field(self, fields: list[PartField], prefix: str) -> None:
        first = self._peek()
        words = self._words(stop=frozenset({"="}))
        label = words[0] if words and words[0] in _LABELS else ""
        rest = words[1:] if label else words
        if len(rest) < 2:
            raise self._wrong(first)
        kind = "".join(rest[:-1]).replace(",", ", ")
        told = f"repeated {kind}" if label == "repeated" else kind
        comment = self._skip_field() or first.comment
        fields.append(PartField(rest[-1], f"{prefix}{told}", comment, label == "required"))

    def _enum(self, scope: str, token: _Token) -> None:
        name = f"{scope}{self._next().text}"
        self._expect("{")
        values: list[PartField] = []
        while (one := self._peek()).text != "}":
            self._next()
            if one.text not in {"option", "reserved", ";"}:
                values.append(PartField(one.text, "value", one.comment))
            self._skip(one.text)
        self._next()
        self._add(
            part(
                "enum", name, group="Enums", signature=f"enum {self._full(name)}",
                description=token.comment, fields=values,
            )
        )  # fmt: skip

    def _service(self, token: _Token) -> None:
        name = self._next().text
        self._expect("{")
        self._add(
            part(
                "service", name, group=name, signature=f"service {self._full(name)}",
                description=token.comment,
            )
        )  # fmt: skip
        while (one := self._peek()).text != "}":
            self._next()
            if one.text == "rpc":
                self._call(name, one)
            else:
                self._skip(one.text)
        self._next()

    def _call(self, service: str, token: _Token) -> None:
        name = self._next().text
        asked = self._parenthesised()
        if self._next().text != "returns":
            raise self._wrong(token)
        answered = self._parenthesised()
        self._skip()
        self._add(
            part(
                "rpc", f"{service}.{name}", group=service,
                signature=f"rpc {name}({asked}) returns ({answered})", description=token.comment,
                fields=[PartField("request", asked), PartField("response", answered)],
            )
        )  # fmt: skip

    def _parenthesised(self) -> str:
        self._expect("(")
        words = self._words(stop=frozenset({")"}))
        return " ".join(words)

    def _words(self, stop: frozenset[str] = frozenset({";"})) -> list[str]:
        """Return the tokens up to one of these, which is taken too."""
        found = []
        while (token := self._next()).text not in stop:
            if token.text in {"{", "}", ";"}:
                raise self._wrong(token)
            found.append(token.text)
        return found

    def _skip_field(self) -> str:
        """Pass over the rest of a field; return a comment that stands behind it in its line."""
        self._skip("=")
        return ""

    def _skip(self, begun: str = "") -> None:
        """Pass over a statement: up to its semicolon, or to the end of its braces."""
        if begun == ";":
            return
        depth = 0
        while True:
            token = self._next()
            if token.text == "{":
                depth += 1
            elif token.text == "}":
                depth -= 1
                if depth == 0:
                    return
                if depth < 0:
                    raise self._wrong(token)
            elif token.text == ";" and depth == 0:
                return

    def _opens(self, ahead: int) -> bool:
        """Say whether a name and a brace follow, as they do after a keyword and no field's type."""
        place = self.place + ahead
        return place < len(self.tokens) and self.tokens[place].text == "{"

    def _add(self, made: ParsedPart, index: int | None = None) -> None:
        if len(self.file.parts) >= MAX_PARTS:
            message = f"The document describes more than {MAX_PARTS:,} parts."
            raise Unreadable(message, code="too_many_operations")
        self.file.parts.insert(len(self.file.parts) if index is None else index, made)

    def _full(self, name: str) -> str:
        return f"{self.file.package}.{name}" if self.file.package else name

    def _peek(self) -> _Token:
        if self.place >= len(self.tokens):
            raise Unreadable("The document ends in the middle.", code="bad_proto")
        return self.tokens[self.place]

    def _next(self) -> _Token:
        token = self._peek()
        self.place += 1
        return token

    def _expect(self, text: str) -> None:
        token = self._next()
        if token.text != text:
            raise self._wrong(token)

    def _wrong(self, token: _Token) -> Unreadable:
        line = self.source.count("\n", 0, token.at) + 1
        shown = token.text[:40]
        return Unreadable(
            f"The document is not valid proto in line {line}: {shown} is not expected here.",
            code="bad_proto",
        )


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens, each with the comment that stands right before it."""
    comment: list[str] = []
    count = 0
    for found in _TOKEN.finditer(text):
        kind, said = found.lastgroup, found[0]
        if kind == "space":
            if said.count("\n") > 1:
                comment = []
        elif kind == "line":
            comment.append(said[2:].strip())
        elif kind == "block":
            lines = said[2:-2].splitlines()
            comment += [line.strip().removeprefix("*").strip() for line in lines]
        else:
            count += 1
            if kind == "wrong" or count > MAX_TOKENS:
                line = text.count("\n", 0, found.start()) + 1
                raise Unreadable(
                    f"The document is not valid proto in line {line}.", code="bad_proto"
                )
            yield _Token(said, "\n".join(comment).strip(), found.start())
            comment = []
