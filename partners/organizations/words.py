"""What a partner may write where other people will read it."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

# Control, format (zero width, turned direction), private, unassigned; and line and paragraph ends.
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}

https_address = URLValidator(schemes=["https"], message="Start it with https://")


def plain_line(value: str) -> None:
    """Refuse what does not show, or shows as something else, on one line of text."""
    if any(unicodedata.category(character) in _UNSEEN for character in value):
        raise ValidationError(
            "Use plain text on one line, without hidden characters.", code="not_plain"
        )


def plain_text(value: str) -> None:
    """Refuse the same in a text of several lines."""
    plain_line(value.replace("\r\n", " ").replace("\n", " "))
