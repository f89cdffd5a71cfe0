"""Which of a customer's things an answer may be about, from what several items say. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote

from consent.arrangements.access import EVERY
from consent.arrangements.models import Item


def allowed_resources(items: Iterable[Item]) -> tuple[str, ...] | None:
    """Return the things that all of the items allow, or None where none of them has things.

    Each is spelled as its kind, a semicolon and the percent-encoded reference of who keeps it. A
    kind of which nothing is left stands there with no reference: `rx;`.
    """
    allowed: dict[str, set[str]] = {}
    for item in items:
        if item.resources is None:
            continue
        kind, picked = item.cluster.resources["kind"], set(item.resources)
        before = allowed.setdefault(kind, {EVERY})
        if EVERY in before:
            allowed[kind] = picked
        elif EVERY not in picked:
            allowed[kind] = before & picked
    if not allowed:
        return None
    return tuple(
        f"{kind};{reference if reference == EVERY else quote(reference, safe='')}"
        for kind, references in sorted(allowed.items())
        for reference in sorted(references) or [""]
    )


def references_of(kind: str, resources: Iterable[str] | None) -> frozenset[str] | None:
    """Return what of a kind may be told of; None where all of it may."""
    if resources is None:
        return None
    said = [each.partition(";") for each in resources]
    references = {reference for name, _, reference in said if name == kind}
    if not references or EVERY in references:
        return None
    return frozenset(unquote(reference) for reference in references if reference)
