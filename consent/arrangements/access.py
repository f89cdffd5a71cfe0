"""What an arrangement lets an application have now: the questions of issuing and of each call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import F

from catalog.scopes.models import Scope
from catalog.scopes.reveals import common, widest
from consent.arrangements.models import Arrangement, ArrangementVersion, Customer, Item
from partners.applications.models import Client

Thing = TypeVar("Thing")
FieldsOf = dict[str, list[str]]
# Among references of things: all there are, and all there will be.
EVERY = "*"


def current_items(arrangement: Arrangement, *, since: int | None = None) -> list[Item]:
    """Return the items of the current version, in one query.

    With `since`, the version under which a token was issued, only those whose scope was never left
    out in between, with the fields that all of these versions hold: what a customer switched off
    and later allowed again, or allowed for the first time, is for new tokens only.
    """
    first = arrangement.version_number if since is None else since
    items = list(
        Item.objects.filter(version__arrangement=arrangement, version__number__gte=first)
        .select_related("version", "scope", "cluster", "purpose")
        .order_by("pk")
    )
    current = never_left_out(
        [(item.version.number, item.scope_id, item) for item in items],
        now=arrangement.version_number,
    )
    for item in current:
        for earlier in items:
            if earlier.scope_id == item.scope_id and earlier is not item:
                item.fields = _shared_by(item.fields, earlier.fields)
                item.resources = _picked_in_both(item.resources, earlier.resources)
    return current


def _picked_in_both(one: list[str] | None, other: list[str] | None) -> list[str] | None:
    if one is None or EVERY in one:
        return other
    if other is None or EVERY in other:
        return one
    return sorted(set(one) & set(other))


def _shared_by(fields: FieldsOf, others: FieldsOf) -> FieldsOf:
    return {key: common(fields[key], others[key]) for key in fields.keys() & others.keys()}


def never_left_out(rows: Iterable[tuple[int, object, Thing]], *, now: int) -> list[Thing]:
    """Return the things of the version `now` whose key every version among the rows has.

    Each row is a version's number, a key and a thing.
    """
    by_version: dict[int, dict[object, Thing]] = {}
    for number, key, thing in rows:
        by_version.setdefault(number, {})[key] = thing
    current = by_version.get(now, {})
    return [
        thing
        for key, thing in current.items()
        if all(key in earlier for earlier in by_version.values())
    ]


def current_details(arrangement: Arrangement, *, since: int | None = None) -> list[dict[str, Any]]:
    """Return the single cases that the customer allows now and, with `since`, ever since then."""
    first = arrangement.version_number if since is None else since
    versions = arrangement.versions.filter(number__gte=first).order_by("number")
    agreed = list(versions.values_list("details", flat=True))
    if not agreed:
        return []
    *earlier, current = agreed
    return [detail for detail in current if all(detail in details for details in earlier)]


def running_version(
    customer: Customer, client: Client, *, at: datetime
) -> ArrangementVersion | None:
    """Return the version that the customer shares with the client under, paused or not, if any."""
    running = Arrangement.objects.running(at=at).filter(customer=customer, client=client)
    found = ArrangementVersion.objects.select_related("arrangement").filter(
        arrangement__in=running, number=F("arrangement__version_number")
    )
    return found.first()


def effective_scopes(
    arrangement: Arrangement, at: datetime, *, since: int | None = None
) -> frozenset[str]:
    """Return the names of the scopes that the customer allows at that instant."""
    if not arrangement.is_active(at=at):
        return frozenset()
    return frozenset(item.scope.name for item in current_items(arrangement, since=since))


def allowed_fields(version: ArrangementVersion, operation_key: str) -> list[str]:
    """Return what an answer of the operation may hold under that version."""
    pinned = version.items.values_list("fields", flat=True)
    return widest(field for fields in pinned for field in fields.get(operation_key, ()))


def details_of_items(
    details: Sequence[dict[str, Any]], items: Sequence[Item]
) -> list[dict[str, Any]]:
    """Return the single cases whose scope is among the items."""
    scopes = {item.scope_id for item in items}
    names = (
        set(Scope.objects.filter(pk__in=scopes).values_list("name", flat=True)) if details else ()
    )
    return [detail for detail in details if detail["scope"] in names]
