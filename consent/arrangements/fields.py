"""How a form names one of a customer's things."""

from __future__ import annotations

from typing import Any

from django import forms


class ThingField(forms.RegexField):
    """A kind and a reference, such as `rx:12`."""

    def __init__(self, **how: Any) -> None:
        super().__init__(r"\A[a-z0-9][a-z0-9._-]{0,39}:[^\x00]{1,120}\Z", max_length=161, **how)


def named(thing: str) -> tuple[str, str]:
    """Return the kind and the reference."""
    kind, _, reference = thing.partition(":")
    return kind, reference
