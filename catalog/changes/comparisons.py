"""Comparisons, computed once and kept: two descriptions that never change differ in one way."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from catalog.changes.diff.comparing import Change, Differences, Touched, compare
from catalog.changes.diff.rules import RULES, Level
from catalog.changes.models import Comparison
from catalog.specs.loader import load
from catalog.specs.models import SpecRevision
from portal.errors import Refused

# Descriptions of other kinds have no operations to compare.
COMPARED = ("openapi-", "swagger-")


def comparison_of(old: SpecRevision, new: SpecRevision) -> Comparison | None:
    """Return what differs from the old description to the new one; None where both are no REST."""
    known = Comparison.objects.filter(old=old, new=new).first()
    if known is not None:
        return known
    if not all(one.format.startswith(COMPARED) for one in (old, new)):
        return None
    try:
        documents = [load(bytes(one.raw), max_bytes=settings.SPEC_MAX_BYTES) for one in (old, new)]
        differences = compare(documents[0].document, documents[1].document)
    except Refused:
        return None  # It was read under other limits than those of today.
    comparison, _ = Comparison.objects.get_or_create(
        old=old, new=new, defaults=_columns(differences)
    )
    return comparison


def changes_in(comparison: Comparison) -> Iterator[Change]:
    """Yield the changes as they were found; what a rule of today no longer knows is left out."""
    for rule, subject, before, after, reach in comparison.changes:
        if rule in RULES:
            yield Change(rule, subject, before, after, tuple(comparison.reaches[reach]))


def operations_in(comparison: Comparison) -> list[Touched]:
    return [Touched(*one) for one in comparison.operations]


def slugs_touched(comparison: Comparison, level: Level) -> frozenset[str]:
    """Return the slugs of the operations that changes of a level touch, the gone ones included."""
    places = {
        place
        for change in changes_in(comparison)
        if change.level is level
        for place in change.touches
    }
    return frozenset(comparison.operations[place][2] for place in places)


def _columns(found: Differences) -> dict[str, object]:
    reaches: dict[tuple[int, ...], int] = {}
    changes = [
        [
            one.rule,
            one.subject,
            one.before,
            one.after,
            reaches.setdefault(one.touches, len(reaches)),
        ]
        for one in found.changes
    ]
    return {
        "operations": [[one.method, one.path, one.slug, one.is_gone] for one in found.operations],
        "reaches": [list(places) for places in reaches],
        "changes": changes,
        "is_cut": found.is_cut,
        **{f"{level}_count": found.count(level) for level in Level},
    }
