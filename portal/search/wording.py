"""What a reader typed, as words to look for; nothing typed is more than a word to a query."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

LONGEST = 200
_MOST_WORDS = 8
_LONGEST_WORD = 40
_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"})
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Wording:
    text: str
    method: str
    words: tuple[str, ...]

    @property
    def tsquery(self) -> str:
        """Return the words as prefixes that must all occur, for `to_tsquery`.

        A single letter begins too much to be a beginning.
        """
        return " & ".join(f"{word}:*" if len(word) > 1 else word for word in self.words)

    def marked(self, text: str) -> SafeString:
        """Return the escaped text with its words marked."""
        if not self.words:
            return format_html("{}", text)
        stems = sorted((_stem(word) for word in self.words), key=len, reverse=True)
        pattern = re.compile(f"({'|'.join(map(re.escape, stems))})", re.IGNORECASE)
        parts = pattern.split(text)
        marked = [
            f"<mark>{escape(part)}</mark>" if place % 2 else escape(part)
            for place, part in enumerate(parts)
        ]
        return mark_safe("".join(marked))  # noqa: S308 - every part is escaped above


def wording_of(typed: str) -> Wording:
    """Part what was typed into words; a leading `GET` or the like is the method to look for."""
    text = " ".join(typed.replace("\0", " ").split())[:LONGEST]
    first, _, rest = text.partition(" ")
    method = first if first in _VERBS else ""
    found = _WORD.findall(_parted(rest if method else text).lower())
    words = tuple(dict.fromkeys(word[:_LONGEST_WORD] for word in found))[:_MOST_WORDS]
    return Wording(text=text, method=method, words=words)


def _parted(text: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
