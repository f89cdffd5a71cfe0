"""Code as HTML, coloured on the server by the five classes of the design: no script, no style."""

from __future__ import annotations

from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Keyword,
    Literal,
    Name,
    Number,
    String,
    _TokenType,
    is_token_subtype,
)

_LEXERS = {
    "curl": get_lexer_by_name("bash", stripnl=False),
    "python": get_lexer_by_name("python", stripnl=False),
    "javascript": get_lexer_by_name("javascript", stripnl=False),
    "java": get_lexer_by_name("java", stripnl=False),
    "go": get_lexer_by_name("go", stripnl=False),
    "json": get_lexer_by_name("json", stripnl=False),
}
# The first that fits wins: a keyword that is a value, such as `true`, is coloured as a value.
_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Keyword.Constant, "n"),
    (Keyword, "k"),
    (Name.Builtin, "k"),
    (Comment, "c"),
    (String, "s"),
    (Number, "n"),
    (Literal, "s"),
)


def coloured(code: str, language: str) -> SafeString:
    """Return the escaped code with a span around what deserves a colour."""
    tokens = _LEXERS[language].get_tokens(code)
    runs = groupby(tokens, key=lambda token: _class_of(token[0], token[1], language))
    return format_html_join(
        "", "{}", ((_span(kind, "".join(text for _, text in run)),) for kind, run in runs)
    )


def _class_of(kind: _TokenType, text: str, language: str) -> str:
    if language == "curl" and text == "curl":
        return "k"
    return next((name for family, name in _CLASSES if is_token_subtype(kind, family)), "")


def _span(kind: str, text: str) -> SafeString:
    if not kind:
        return format_html("{}", text)
    return format_html('<span class="{}">{}</span>', kind, text)
