from __future__ import annotations

import re
from html.parser import HTMLParser

MAX_TEXT = 4000
_SKIPPED = frozenset({"script", "style", "template", "iframe", "object"})
_BREAKS = frozenset({"p", "br", "li", "ul", "ol", "div", "tr", "h1", "h2", "h3", "pre"})


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.skipped = 0

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.skipped += tag in _SKIPPED
        if tag in _BREAKS:
            self.words.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self.skipped -= tag in _SKIPPED and self.skipped > 0
        if tag in _BREAKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.words.append(data)


def words_of(markup: str) -> str:
    """Return what a person would read of it: no tag, attribute or script is left."""
    parser = _Words()
    parser.feed(markup)
    parser.close()
    text = "".join(one for one in "".join(parser.words) if one == "\n" or one.isprintable())
    text = re.sub(r"[ \t]*\n[ \t\n]*", "\n", re.sub(r"[ \t]+", " ", text)).strip()
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
