"""The customer's list of apps: one page of it, counted and sorted by the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from consent.arrangements import overview
from consent.arrangements.models import Arrangement, Customer, Item, Reading

PAGE_SIZE = 12
# With fewer than that, looking is quicker than searching.
MANY = 5
A_MONTH = timedelta(days=30)


class Tab(StrEnum):
    ACTIVE = "active"
    ATTENTION = "attention"
    ENDED = "ended"

    @property
    def label(self) -> Promise:
        return _TABS[self]


class Sort(StrEnum):
    NEWEST = "newest"
    READ = "read"
    ENDS = "ends"
    NAME = "name"

    @property
    def label(self) -> Promise:
        return _SORTS[self]


_TABS: dict[Tab, Promise] = {
    Tab.ACTIVE: gettext_lazy("Active"),
    Tab.ATTENTION: gettext_lazy("Needs attention"),
    Tab.ENDED: gettext_lazy("Ended"),
}
_SORTS: dict[Sort, Promise] = {
    Sort.NEWEST: gettext_lazy("Newest first"),
    Sort.READ: gettext_lazy("Looked last"),
    Sort.ENDS: gettext_lazy("Ends soonest"),
    Sort.NAME: gettext_lazy("By name"),
}
_ORDERS: dict[Sort, tuple[Any, ...]] = {
    Sort.NEWEST: ("-given_at", "pk"),
    Sort.READ: (F("last_read_at").desc(nulls_last=True), "pk"),
    Sort.ENDS: ("ends_at", "pk"),
    Sort.NAME: (Lower("client__application__name"), "pk"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the list is wanted: a tab, words of a name, a kind of data, an order."""

    tab: Tab = Tab.ACTIVE
    words: str = ""
    cluster: str = ""
    sort: Sort = Sort.NEWEST
    page: str = "1"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.cluster)


class Board:
    """What the page shows; each part is one query, asked for once."""

    def __init__(self, customer: Customer, wish: Wish, *, at: datetime) -> None:
        self.customer = customer
        self.wish = wish
        self.at = at
        # What ended before the same app was connected again is history, not a row.
        later = Arrangement.objects.filter(
            customer=customer, client=OuterRef("client"), given_at__gt=OuterRef("given_at")
        )
        self._newest = Arrangement.objects.filter(~Exists(later), customer=customer)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many rows each tab has."""
        runs = Q(status__in=Arrangement.RUNNING, ends_at__gt=self.at)
        counted = self._newest.with_attention(at=self.at).aggregate(
            runs=Count("pk", filter=runs),
            is_over=Count("pk", filter=~runs),
            is_worth_a_look=Count("pk", filter=runs & ~Q(attention="")),
        )
        return {
            Tab.ACTIVE.value: counted["runs"],
            Tab.ENDED.value: counted["is_over"],
            Tab.ATTENTION.value: counted["is_worth_a_look"],
        }

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return [
            {
                "code": tab.value,
                "label": tab.label,
                "count": self.counts[tab],
                "is_current": tab == self.wish.tab,
            }
            for tab in Tab
        ]

    @property
    def has_many(self) -> bool:
        return self.counts[self.wish.tab] > MANY

    @cached_property
    def read_count(self) -> int:
        """Return how often any app looked in the last thirty days."""
        return overview.read_count_since(self.customer, since=self.at - A_MONTH)

    @cached_property
    def clusters(self) -> list[tuple[str, str]]:
        """Return the kinds of data in this tab, for the filter."""
        rows = self._rows_of(self.wish.tab)
        return overview.clusters_of(rows)

    @cached_property
    def page(self) -> Page[overview.Sharing]:
        rows = self._wanted().select_related("client__application__organization", "customer__user")
        found = Paginator(rows.order_by(*_ORDERS[self.wish.sort]), PAGE_SIZE)
        page: Page[Any] = found.get_page(self.wish.page)
        page.object_list = overview.told(list(page.object_list), at=self.at)
        return page

    def _wanted(self) -> QuerySet[Arrangement]:
        rows = self._rows_of(self.wish.tab).annotate(month_count=self._reads_of_a_month())
        for word in self.wish.words.split():
            rows = rows.filter(
                Q(client__application__name__icontains=word)
                | Q(client__application__organization__name__icontains=word)
            )
        if self.wish.cluster:
            rows = rows.filter(
                pk__in=Item.objects.filter(
                    version__arrangement__customer=self.customer,
                    version__number=F("version__arrangement__version_number"),
                    cluster__code=self.wish.cluster,
                ).values("version__arrangement")
            )
        return rows

    def _rows_of(self, tab: Tab) -> QuerySet[Arrangement]:
        if tab == Tab.ATTENTION:
            return self._newest.needs_attention(at=self.at)
        rows = self._newest.with_attention(at=self.at)
        return rows.ended(at=self.at) if tab == Tab.ENDED else rows.running(at=self.at)

    def _reads_of_a_month(self) -> Subquery:
        readings = Reading.objects.filter(arrangement=OuterRef("pk"), hour__gte=self.at - A_MONTH)
        total = readings.order_by().values("arrangement").annotate(total=Sum("read_count"))
        return Subquery(total.values("total"))
