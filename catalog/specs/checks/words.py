"""Names taken apart: the style that they are spelled in, and what they are about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_STYLES = (
    ("snake_case", re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")),
    ("camelCase", re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+")),
    ("PascalCase", re.compile(r"(?:[A-Z][a-z0-9]*){2,}")),
    ("kebab-case", re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")),
)
# What a name is about when these words stand in it side by side.
_PERSONAL = frozenset(
    {
        ("email",), ("e", "mail"), ("phone",), ("telephone",), ("mobile",), ("msisdn",), ("ssn",),
        ("birth",), ("birthday",), ("birthdate",), ("dob",), ("surname",), ("firstname",),
        ("lastname",), ("fullname",), ("first", "name"), ("last", "name"), ("full", "name"),
        ("given", "name"), ("family", "name"), ("patient", "name"), ("customer", "name"),
        ("passport",), ("iban",), ("card", "number"), ("social", "security"),
        ("national", "id"), ("tax", "id"), ("diagnosis",), ("password",),
    }
)  # fmt: skip
# `email_id` is a number of a message and `phone_verified` says yes or no: neither is about anybody.
_HARMLESS = frozenset(
    {"id", "ids", "uuid", "token", "hash", "type", "kind", "count", "status", "verified", "enabled",
     "template", "format", "domain", "required", "policy", "settings", "notifications", "limit"}
)  # fmt: skip


def style_of(name: str) -> str:
    """Return the style that a name of several words is spelled in; nothing for a single word."""
    return next((style for style, form in _STYLES if form.fullmatch(name)), "")


def usual_style(names: Iterable[str]) -> str:
    """Return the style of most names; of two that are as frequent the first one counts."""
    styles = Counter(style for name in names if (style := style_of(name)))
    return styles.most_common(1)[0][0] if styles else ""


def words_of(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _PARTS.findall(name[:200]))


def is_personal(name: str) -> bool:
    """Say whether a name is about a person, as far as words can tell."""
    words = words_of(name)
    if not words or (len(words) > 1 and words[-1] in _HARMLESS and words[-2:] not in _PERSONAL):
        return False
    return any(
        words[at : at + length] in _PERSONAL for at in range(len(words)) for length in (1, 2)
    )
