"""What the catalog's pages show, gathered in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from catalog.apis.models import ApiVersion, Operation
from catalog.scopes.models import DataCluster, Scope

# With more operations than this the menu lists groups, and the operations of one of them.
MENU_LIMIT = 30


@dataclass(frozen=True, slots=True)
class Group:
    tag: str
    count: int
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True)
class Revealed:
    """A scope, and the words in which a customer reads what it opens."""

    scope: Scope
    cluster: DataCluster | None


def menu_of(version: ApiVersion, *, open_tag: str | None) -> list[Group]:
    """Return the groups of a version in the document's order; a large one opens only one group."""
    counts = list(
        version.operations.values_list("tag")
        .annotate(count=Count("pk"), first=Min("position"))
        .order_by("first", "tag")
        .values_list("tag", "count")
    )
    total = sum(count for _, count in counts)
    rows = version.operations.as_rows()
    if total > MENU_LIMIT:
        rows = rows.filter(tag=open_tag) if open_tag is not None else rows.none()
    shown: dict[str, list[Operation]] = {}
    for operation in rows[:MENU_LIMIT]:
        operation.version = version
        shown.setdefault(operation.tag, []).append(operation)
    return [Group(tag=tag, count=count, operations=shown.get(tag, [])) for tag, count in counts]


def revealed_by(scopes: QuerySet[Scope]) -> list[Revealed]:
    """Return the scopes with the current wording of what each opens."""
    found = list(scopes.order_by("-cluster_code", "name"))
    codes = {scope.cluster_code for scope in found if scope.cluster_code}
    clusters = {
        cluster.code: cluster for cluster in DataCluster.objects.current().filter(code__in=codes)
    }
    return sorted(
        (Revealed(scope, clusters.get(scope.cluster_code)) for scope in found),
        key=lambda revealed: -(revealed.cluster.depth if revealed.cluster else 0),
    )


def scopes_around(operation: Operation, cluster_codes: set[str]) -> QuerySet[Scope]:
    """Return the scopes an operation needs, and those that open a part of its answer."""
    names = [name for name in operation.scopes if isinstance(name, str)]
    return Scope.objects.filter(
        Q(name__in=names) | Q(cluster_code__in=cluster_codes, api_slug=operation.version.api.slug)
    )


def refusals(operation: Operation) -> list[Mapping[str, Any]]:
    """Return the answers of an operation that say no, one row for each reason that is named."""
    rows: list[Mapping[str, Any]] = []
    for response in operation.responses:
        status = str(response.get("status", ""))
        if status[:1] in {"1", "2", "3"}:
            continue
        reasons = response.get("reasons") or [_reason_of(response)]
        rows.extend({"status": status, **reason} for reason in reasons)
    return rows


def _reason_of(response: Mapping[str, Any]) -> Mapping[str, Any]:
    example = response.get("example")
    problem = example if isinstance(example, Mapping) else {}
    return {
        "code": str(problem.get("code", ""))[:60],
        "title": "",
        "happened_html": response.get("description_html", ""),
        "detail": str(problem.get("detail", ""))[:300],
    }
