"""What is missing of what is exposed, and what is called without being described.

What the gateway counted is known; where nothing was counted nothing is known, and never that
something is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat

from catalog.apis.models import ApiVersion, Operation
from catalog.inventory.gaps import HAS_OWNER, HAS_SCOPE, IS_CLASSIFIED, KEY, exposed
from catalog.inventory.models import Deployment
from catalog.plans.models import Environment
from consent.gateway.models import Undeclared, Usage

DAYS = 30
MOST_UNDESCRIBED = 100
# Each gap by its name in addresses, and in words.
GAPS = {
    "owner": "No owner",
    "scope": "No scope",
    "data_class": "No data class",
    "traffic": "No calls seen",
}
NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Traffic:
    """The calls of each operation since `since`, and the versions that any call was counted of."""

    calls: Mapping[str, int]
    versions: frozenset[str]
    since: datetime

    def words(self, key: str) -> str:
        """Return the count, `0` where other operations of its version were called, or no data."""
        if key in self.calls:
            return str(self.calls[key])
        return "0" if key.rpartition("/")[0] in self.versions else NO_DATA


@dataclass(frozen=True, slots=True)
class Row:
    operation: Operation
    key: str
    gaps: Sequence[str]
    calls: str

    @property
    def names(self) -> list[str]:
        return [GAPS[gap] for gap in self.gaps]


@dataclass(frozen=True, slots=True)
class Undescribed:
    """Something that is called or answered, and that no description names."""

    what: str
    where: str
    count: int | None


def traffic(*, at: datetime) -> Traffic:
    """Return what was counted of production in the last days, in one question."""
    since = at - timedelta(days=DAYS)
    calls = dict(
        _counted(since).values_list("operation_key").annotate(calls=Sum("call_count")).order_by()
    )
    return Traffic(calls, frozenset(key.rpartition("/")[0] for key in calls), since)


def operations(seen: Traffic, *, at: datetime, api: str = "") -> QuerySet[Operation]:
    """Return what is exposed, each with whether it lacks something."""
    name = Concat("api__slug", Value("/"), "label", output_field=CharField())
    known = ApiVersion.objects.annotate(name=name).filter(name__in=seen.versions).values("pk")
    called = _counted(seen.since).values("operation_key")
    found = exposed(at=at).filter(version__api__name__icontains=api) if api else exposed(at=at)
    return found.annotate(
        lacks_owner=~HAS_OWNER,
        lacks_scope=~HAS_SCOPE,
        lacks_data_class=~IS_CLASSIFIED,
        lacks_traffic=Q(version__in=known) & ~Q(usage_key__in=called),
    )


def counts_of(found: QuerySet[Operation]) -> dict[str, int]:
    """Return how many operations there are, and how many of them have each gap."""
    each = {gap: Count("pk", filter=Q(**{f"lacks_{gap}": True})) for gap in GAPS}
    return dict(found.aggregate(all=Count("pk"), **each))


def with_gap(found: QuerySet[Operation], gap: str) -> QuerySet[Operation]:
    """Return those that lack it, or where none is named those that lack anything."""
    wanted = Q()
    for name in [gap] if gap else GAPS:
        wanted |= Q(**{f"lacks_{name}": True})
    shown = ("slug", "method", "path", "version__label", "version__api__slug", "version__api__name")
    rows = found.filter(wanted).select_related("version__api").only(*shown)
    return rows.order_by("pk")


def row_of(operation: Any, seen: Traffic) -> Row:
    gaps = [gap for gap in GAPS if getattr(operation, f"lacks_{gap}")]
    return Row(operation, operation.key, gaps, seen.words(operation.key))


def undescribed(seen: Traffic) -> list[Undescribed]:
    """Return what the gateways serve, the calls and the fields that no description names."""
    routes = Deployment.objects.unknown().order_by("base_url")[:MOST_UNDESCRIBED]
    found = [Undescribed("A route that no API is known for", one.base_url, None) for one in routes]
    described = set(
        Operation.objects.annotate(usage_key=KEY)
        .filter(usage_key__in=list(seen.calls))
        .values_list("usage_key", flat=True)
    )
    for key in sorted(set(seen.calls) - described):
        name, _, operation = key.rpartition("/")
        what = "Calls to an operation that is gone" if operation else "Calls to unknown paths"
        found.append(Undescribed(what, key if operation else name, seen.calls[key]))
    fields = Undeclared.objects.filter(hour__gte=seen.since).values_list("operation_key")
    for key, count in fields.annotate(count=Sum("field_count")).order_by("operation_key"):
        found.append(Undescribed("Fields that were left out", key, count))
    return found[: 3 * MOST_UNDESCRIBED]


def _counted(since: datetime) -> QuerySet[Usage]:
    return Usage.objects.filter(hour__gte=since, client__environment=Environment.PRODUCTION)
