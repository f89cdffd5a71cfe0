"""What an arrangement lets an application have now: the questions of issuing and of each call."""

from __future__ import annotations

from datetime import datetime

from consent.arrangements.models import Arrangement, ArrangementVersion, Item


def current_items(arrangement: Arrangement, *, since: int | None = None) -> list[Item]:
    """Return the items of the current version, in one query.

    With `since`, the version under which a token was issued, only those whose scope was never left
    out in between: what a customer switched off and later allowed again is for new tokens only.
    """
    first = arrangement.version_number if since is None else since
    items = Item.objects.filter(
        version__arrangement=arrangement, version__number__gte=first
    ).select_related("version", "scope", "cluster", "purpose")
    by_version: dict[int, dict[int, Item]] = {}
    for item in items.order_by("pk"):
        by_version.setdefault(item.version.number, {})[item.scope_id] = item
    current = by_version.get(arrangement.version_number, {})
    return [
        item
        for scope_id, item in current.items()
        if all(scope_id in earlier for earlier in by_version.values())
    ]


def effective_scopes(
    arrangement: Arrangement, at: datetime, *, since: int | None = None
) -> frozenset[str]:
    """Return the names of the scopes that the customer allows at that instant."""
    if not arrangement.is_active(at=at):
        return frozenset()
    return frozenset(item.scope.name for item in current_items(arrangement, since=since))


def allowed_fields(version: ArrangementVersion, operation_key: str) -> list[str]:
    """Return the pointers that an answer of the operation may hold under that version."""
    pinned = version.items.values_list("fields", flat=True)
    return sorted({pointer for fields in pinned for pointer in fields.get(operation_key, ())})
