"""How the names of data stand in a sentence, and in a list of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.scopes.languages import FALLBACK


def several(labels: Iterable[str]) -> str:
    """Join labels as they stand in a sentence: “your prescriptions and your delivery area”."""
    inside = [_inside(label) for label in labels]
    if len(inside) < 2:
        return "".join(inside)
    some = _(", ").join(inside[:-1])
    return _("%(some)s and %(last)s") % {"some": some, "last": inside[-1]}


def listed(labels: Iterable[str]) -> str:
    """Join labels as they stand in a list of their own."""
    return _(", ").join(labels)


def looked_at(labels: Sequence[str]) -> str:
    """Return what an application did with data: it looks at things and uses abilities."""
    if not labels:
        return _("looked at your data")
    if get_language() != FALLBACK or all(label.startswith("Your ") for label in labels):
        return _("looked at %(what)s") % {"what": several(labels)}
    return _("used %(what)s") % {"what": several(labels)}


def sentence(words: str) -> str:
    """Return words that stand inside a sentence as one of their own."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _inside(label: str) -> str:
    """Return a label as it stands inside a sentence: what is not English stays as it is, quoted."""
    if label.startswith("Your ") and get_language() == FALLBACK:
        return label.replace("Your ", "your ", 1)
    return _("“%(label)s”") % {"label": label}
