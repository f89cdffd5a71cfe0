"""Descriptions as Markdown again, from the clean HTML that is stored."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "pre", "blockquote", "table", "tr", "ul", "ol", "dl", "details", "summary"}
_MARKS = {"code": "`", "kbd": "`", "b": "**", "strong": "**", "em": "*", "i": "*"}
_SPACE = re.compile(r"[ \t]*\n[ \t\n]*\n\s*")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|])")


def plain(html: str) -> str:
    """Return stored HTML as Markdown, its words unable to be markup of their own."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return _SPACE.sub("\n\n", "".join(reader.parts)).strip()


def cell(text: object) -> str:
    """Return a text for one line of Markdown, none of it markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """Return a text as code in one line; a longer fence where the text holds a shorter one."""
    line = " ".join(str(text).split())
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def fenced(text: str, language: str = "") -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            self.parts.append(f"\n\n{'#' * int(tag[1])} ")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in {"td", "th", "dd", "dt"}:
            self.parts.append(" ")
        elif tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            self.links.append(dict(attrs).get("href") or "")
            self.parts.append("[")
        elif tag in _MARKS:
            self.is_code = self.is_code or _MARKS[tag] == "`"
            self.parts.append(_MARKS[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            self.parts.append(f"]({self.links.pop()})")
        elif tag in _MARKS:
            self.is_code = False
            self.parts.append(_MARKS[tag])
        elif tag in _BLOCKS or tag[:1] == "h":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if data.isspace() and "\n" in data:
            return  # Between two elements, not between two words.
        self.parts.append(data.replace("`", "'") if self.is_code else _SPECIAL.sub(r"\\\1", data))
