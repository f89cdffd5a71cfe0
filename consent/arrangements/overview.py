"""What the customer's pages show of arrangements, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Max, QuerySet, Sum

from catalog.plans.models import Environment
from catalog.scopes.languages import as_sorted, label_of
from consent.arrangements import picking, wording
from consent.arrangements.cases import told_by_scope
from consent.arrangements.models import Arrangement, Customer, Item, Reading
from consent.arrangements.picking import Selectable
from consent.arrangements.states import State, attention_words, state_of

# So many kinds of data stand in a row of the list; the rest is counted.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is shared, in the fixed words, and how it was used."""

    words: dict[str, Any]
    read_count: int = 0
    last_read_at: datetime | None = None
    # The single cases that it is limited to, as they are told; without any it is not.
    cases: Sequence[dict[str, Any]] = ()
    # From when on dated data may be read; None where it has no dates.
    look_back_from: datetime | None = None
    # The things of the customer's that it is about, where they picked some of several.
    kind: str = ""
    things: Sequence[Selectable] = ()
    # Of all there are and will be, the words that say so, and what is not seen all the same.
    every: str = ""
    held_back: Sequence[Selectable] = ()


@dataclass(frozen=True, slots=True)
class Sharing:
    arrangement: Arrangement
    lines: list[Line]
    # Whether it has not ended; it may be paused.
    is_active: bool
    at: datetime
    month_count: int = 0

    @property
    def state(self) -> State:
        return state_of(self.arrangement, at=self.at)

    @property
    def attention(self) -> str:
        """Return what the customer should know now, in a sentence; empty where nothing."""
        return attention_words(self.arrangement, at=self.at) if self.is_active else ""

    @property
    def first_lines(self) -> list[Line]:
        return self.lines[:SHOWN]

    @property
    def more_count(self) -> int:
        return max(len(self.lines) - SHOWN, 0)

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


def told(arrangements: Sequence[Arrangement], *, at: datetime) -> list[Sharing]:
    """Return the rows of one page of the list, with what each shares."""
    items = _items_of(arrangements)
    return [
        Sharing(
            arrangement,
            [Line(wording.line_of_item(item)) for item in items[arrangement.pk]],
            arrangement.is_running(at=at),
            at,
            getattr(arrangement, "month_count", None) or 0,
        )
        for arrangement in arrangements
    ]


def sharing_of(arrangement: Arrangement, *, at: datetime) -> Sharing:
    """Return one arrangement with how each thing in it was used."""
    since = a_month_before(at)
    counted = (
        Reading.objects.filter(arrangement=arrangement, hour__gte=since)
        .values("cluster_codes")
        .annotate(read_count=Sum("read_count"), last=Max("last_read_at"))
    )
    counts: defaultdict[str, int] = defaultdict(int)
    last: dict[str, datetime] = {}
    total = 0
    for row in counted:
        total += row["read_count"]
        for code in row["cluster_codes"]:
            counts[code] += row["read_count"]
            last[code] = max(row["last"], last.get(code, row["last"]))
    items = _items_of([arrangement])[arrangement.pk]
    cases = told_by_scope(items[0].version.details if items else ())
    things = _things_of(arrangement, items)
    lines = [
        Line(
            wording.line_of_item(item),
            counts[item.cluster.code],
            last.get(item.cluster.code),
            cases.get(item.scope.name, ()),
            item.look_back_from,
            **things.get(item.pk, {}),
        )
        for item in items
    ]
    return Sharing(arrangement, lines, arrangement.is_running(at=at), at, total)


def _things_of(arrangement: Arrangement, items: Sequence[Item]) -> dict[int, dict[str, Any]]:
    """Return the picked things once for each kind, with the first item that is about them."""
    customer, application = arrangement.customer, arrangement.client.application
    told = picking.told(customer, items, application=application)
    found: dict[int, dict[str, Any]] = {}
    for item in items:
        words = item.cluster.resources
        if not words or any(one["kind"] == words["kind"] for one in found.values()):
            continue
        found[item.pk] = {"kind": words["kind"]}
        if words["kind"] in told:
            found[item.pk] |= {"things": told[words["kind"]]}
        else:
            found[item.pk] |= {
                "every": picking.words_of(words)["every"],
                "held_back": picking.held_back(customer, words["kind"], application),
            }
    return found


def read_count_since(customer: Customer, *, since: datetime) -> int:
    readings = Reading.objects.filter(arrangement__customer=customer, hour__gte=since)
    return readings.aggregate(total=Sum("read_count"))["total"] or 0


def clusters_of(arrangements: QuerySet[Arrangement]) -> list[tuple[str, str]]:
    """Return code and label of every kind of data that these share now, by label."""
    items = Item.objects.filter(
        version__arrangement__in=arrangements.values("pk"),
        version__number=F("version__arrangement__version_number"),
    )
    columns = ("cluster__code", "cluster__label", "cluster__translations")
    found = {
        code: label_of(label, translations)
        for code, label, translations in items.order_by("cluster__version").values_list(*columns)
    }
    return sorted(found.items(), key=lambda pair: as_sorted(pair[1]))


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
    items = items.select_related("cluster", "scope", "version", "purpose")
    for item in items.order_by("-is_required", "pk"):
        found[item.version.arrangement_id].append(item)
    return found
