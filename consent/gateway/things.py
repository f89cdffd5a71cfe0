"""Which of a customer's things an answer may be about, from what several items say. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
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


def without_stopped(
    resources: tuple[str, ...] | None,
    *,
    stopped: Mapping[str, Collection[str]],
    all_of: Callable[[str], Iterable[str]],
) -> tuple[str, ...] | None:
    """Take out what somebody else who holds it has stopped for this application.

    `all_of` says what the customer has of a kind now: all there are becomes those that are left,
    where one of them is stopped.
    """
    if resources is None or not stopped:
        return resources
    left: list[str] = []
    for kind in dict.fromkeys(each.partition(";")[0] for each in resources):
        said = [each for each in resources if each.startswith(f"{kind};")]
        gone = {quote(reference, safe="") for reference in stopped.get(kind, ())}
        if said == [f"{kind};{EVERY}"]:
            there = [quote(reference, safe="") for reference in all_of(kind)]
            if gone.intersection(there):
                said = sorted(f"{kind};{reference}" for reference in there)
        left += [each for each in said if each.partition(";")[2] not in gone] or [f"{kind};"]
    return tuple(left)


def references_of(kind: str, resources: Iterable[str] | None) -> frozenset[str] | None:
    """Return what of a kind may be told of; None where all of it may."""
    if resources is None:
        return None
    said = [each.partition(";") for each in resources]
    references = {reference for name, _, reference in said if name == kind}
    if not references or EVERY in references:
        return None
    return frozenset(unquote(reference) for reference in references if reference)
