"""When an application looked at a customer's data, by day and kind of data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from consent.arrangements import moments, wording
from consent.arrangements.models import Arrangement, Item, Reading


@dataclass(frozen=True, slots=True)
class Look:
    """How often some kinds of data were read on one day of the customer's."""

    day: date
    labels: list[str]
    codes: list[str]
    count: int
    last_at: datetime

    @property
    def what(self) -> str:
        return wording.listed(self.labels)


def days_with(arrangements: Sequence[Arrangement], *, zone: str) -> QuerySet[Reading, Any]:
    """Return one row for each day and set of data, newest first, for a page to be cut from."""
    readings = Reading.objects.filter(arrangement__in=arrangements)
    by_day = readings.annotate(day=TruncDate("hour", tzinfo=moments.zone_of(zone)))
    counted = by_day.values("day", "cluster_codes").annotate(
        count=Sum("read_count"), last_at=Max("last_read_at")
    )
    return counted.order_by("-day", "-last_at", "cluster_codes")


def told(rows: Iterable[Mapping[str, Any]], arrangements: Sequence[Arrangement]) -> list[Look]:
    """Return the rows of one page with the words for their data, in one query."""
    items = Item.objects.filter(version__arrangement__in=arrangements).select_related("cluster")
    label_of = {item.cluster.code: item.cluster.spoken()["label"] for item in items.order_by("pk")}
    return [_look(row, label_of) for row in rows]


def as_csv(looks: Iterable[Look]) -> str:
    """Return a line for each day and kind of data, with words that a person reads."""
    sheet = io.StringIO()
    lines = csv.writer(sheet)
    lines.writerow([_("Day"), _("What"), _("Code"), _("Times"), _("Last time (UTC)")])
    for look in looks:
        for code, label in zip(look.codes, look.labels, strict=True):
            last = look.last_at.strftime("%Y-%m-%dT%H:%M:%SZ")
            lines.writerow([look.day.isoformat(), _harmless(label), code, look.count, last])
    return sheet.getvalue()


def _look(row: Mapping[str, Any], label_of: Mapping[str, str]) -> Look:
    codes = [str(code) for code in row["cluster_codes"]]
    return Look(
        day=row["day"],
        labels=[label_of.get(code, code) for code in codes],
        codes=codes,
        count=row["count"],
        last_at=row["last_at"],
    )


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking words for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
