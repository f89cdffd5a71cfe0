"""What the customer's pages show of arrangements, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Sum

from catalog.plans.models import Environment
from consent.arrangements import wording
from consent.arrangements.cases import told_by_scope
from consent.arrangements.models import Arrangement, Customer, Item, Reading


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is shared, in the fixed words, and how it was used."""

    words: dict[str, Any]
    read_count: int = 0
    last_read_at: datetime | None = None
    # The single cases that it is limited to, as they are told; without any it is not.
    cases: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Sharing:
    arrangement: Arrangement
    lines: list[Line]
    is_active: bool

    @property
    def ended_at(self) -> datetime:
        return self.arrangement.ended_at or self.arrangement.ends_at

    @property
    def ending(self) -> str:
        return wording.ending(self.arrangement.end_reason or "expired")

    @property
    def delete_by(self) -> datetime:
        return wording.delete_by(self.ended_at)

    @property
    def is_test(self) -> bool:
        return self.arrangement.client.environment == Environment.SANDBOX


def sharings_of(customer: Customer, *, at: datetime) -> tuple[list[Sharing], list[Sharing]]:
    """Return what runs, and for each client with nothing running what ended last."""
    arrangements = list(
        Arrangement.objects.filter(customer=customer)
        .select_related("client__application")
        .order_by("-given_at")
    )
    items = _items_of(arrangements)
    running: list[Sharing] = []
    ended: list[Sharing] = []
    clients: set[int] = set()
    for arrangement in sorted(arrangements, key=lambda each: not each.is_active(at=at)):
        is_active = arrangement.is_active(at=at)
        if not is_active and arrangement.client_id in clients:
            continue
        clients.add(arrangement.client_id)
        lines = [Line(wording.line_of_item(item)) for item in items[arrangement.pk]]
        (running if is_active else ended).append(Sharing(arrangement, lines, is_active))
    return running, ended


def sharing_of(arrangement: Arrangement, *, at: datetime) -> Sharing:
    """Return one arrangement with how each thing in it was used."""
    counted = (
        Reading.objects.filter(arrangement=arrangement)
        .values("cluster_codes")
        .annotate(read_count=Sum("read_count"), last=Max("last_read_at"))
    )
    counts: defaultdict[str, int] = defaultdict(int)
    last: dict[str, datetime] = {}
    for row in counted:
        for code in row["cluster_codes"]:
            counts[code] += row["read_count"]
            last[code] = max(row["last"], last.get(code, row["last"]))
    items = _items_of([arrangement])[arrangement.pk]
    cases = told_by_scope(items[0].version.details if items else ())
    lines = [
        Line(
            wording.line_of_item(item),
            counts[item.cluster.code],
            last.get(item.cluster.code),
            cases.get(item.scope.name, ()),
        )
        for item in items
    ]
    return Sharing(arrangement, lines, arrangement.is_active(at=at))


def read_count_since(customer: Customer, *, since: datetime) -> int:
    readings = Reading.objects.filter(arrangement__customer=customer, hour__gte=since)
    return readings.aggregate(total=Sum("read_count"))["total"] or 0


def a_month_before(at: datetime) -> datetime:
    return at - timedelta(days=30)


def scopes_of(arrangements: Sequence[Arrangement]) -> dict[UUID, list[str]]:
    """Return the names of the scopes of the current versions."""
    items = _items_of(arrangements)
    return {each.pk: sorted(item.scope.name for item in items[each.pk]) for each in arrangements}


def _items_of(arrangements: Sequence[Arrangement]) -> defaultdict[UUID, list[Item]]:
    found: defaultdict[UUID, list[Item]] = defaultdict(list)
    items = Item.objects.filter(
        version__arrangement__in=arrangements,
        version__number=F("version__arrangement__version_number"),
    )
    for item in items.select_related("cluster", "scope", "version").order_by("-is_required", "pk"):
        found[item.version.arrangement_id].append(item)
    return found
