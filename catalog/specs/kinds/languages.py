"""Which language a description is written in that is neither JSON nor YAML."""

from __future__ import annotations

import re

_COMMENT = re.compile(
    r'\A(?:\s+|#[^\n]*|//[^\n]*|/\*.*?\*/|"""(?:[^"]|"(?!""))*"""|"[^"\n]*")*', re.DOTALL
)
_PROTO = re.compile(
    r'(?:(?:syntax|edition)\s*=\s*["\']|package\s+[\w.]+\s*;|import\s+(?:public\s+|weak\s+)?["\']'
    r"|option\s+[\w.()]+\s*=|(?:message|service)\s+\w+\s*\{)"
)
_GRAPHQL = re.compile(
    r"(?:extend\s+)?(?:schema\b[^:{]*\{|directive\s+@|scalar\s+\w+|union\s+\w+"
    r"|(?:type|interface|input|enum)\s+\w+\s*(?:[{@]|implements\b))"
)
LONGEST_HEAD = 100_000


def language_of(raw: bytes) -> str:
    """Return `graphql`, `proto`, or nothing where the text begins like neither."""
    head = raw[:LONGEST_HEAD].decode(errors="replace").removeprefix("\ufeff")
    start = _COMMENT.match(head)
    begun = head[start.end() :] if start else head
    if _PROTO.match(begun):
        return "proto"
    return "graphql" if _GRAPHQL.match(begun) else ""
