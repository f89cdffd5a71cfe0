"""Descriptions that strangers wrote, as HTML that cannot do anything."""

from __future__ import annotations

import html
import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "kbd", "li", "ol", "p", "pre", "s", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_HEADING = re.compile(r"<(/?)h([1-6])>")
_INLINE = re.compile(r"</?(?:a|abbr|b|code|del|em|i|kbd|s|span|strong|sub|sup)(?: [^>]*)?>")
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


@lru_cache(maxsize=4096)
def to_html(source: str, *, max_length: int = 8000, is_ours: bool = False) -> str:
    """Render Markdown, keep its harmless elements, and begin its headings at the third level.

    What staff wrote (`is_ours`) keeps its second level, and may lead to other pages by their paths.
    """
    source = source[:max_length].strip()
    if not source:
        return ""
    if _is_plain(source):
        return f"<p>{html.escape(source, quote=False)}</p>"
    clean = nh3.clean(
        _MARKDOWN.render(source),
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"https", "http", "mailto"},
        url_relative="pass_through" if is_ours else "deny",
        link_rel="nofollow noopener noreferrer",
    )

    def lower(found: re.Match[str]) -> str:
        level = int(found[2])
        return f"<{found[1]}h{max(level, 2) if is_ours else min(level + 2, 6)}>"

    return _HEADING.sub(lower, clean).strip()


def html_in(source: str) -> int | None:
    """Return the number of the first line that is HTML and not Markdown, or None."""
    for token in _MARKDOWN.parse(source):
        parts = [token, *(token.children or ())]
        if any(part.type in {"html_block", "html_inline"} for part in parts):
            return (token.map or [0])[0] + 1
    return None


def to_text(source: str, *, max_length: int) -> str:
    """Return the words of a description in one line, cut at `max_length` characters."""
    short = source[: max_length * 3 + 200]
    if "<" in short or any(mark in short for mark in "*`[#"):
        short = html.unescape(_TAG.sub(" ", _INLINE.sub("", to_html(short))))
    return cut(_SPACE.sub(" ", short).strip(), max_length)


def first_sentence(source: str, *, max_length: int) -> str:
    return cut(_SENTENCE_END.split(to_text(source, max_length=1000), 1)[0], max_length)


def cut(text: str, max_length: int) -> str:
    return text if len(text) <= max_length else f"{text[: max_length - 1].rstrip()}…"


def _is_plain(source: str) -> bool:
    """Say whether Markdown would only put the text into a paragraph; most descriptions are so."""
    return not any(mark in source for mark in "\\`*_{}[]<>#+!|&~=\n@") and not re.match(
        r"-|\d+[.)]", source
    )
