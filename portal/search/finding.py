"""One question over APIs, operations and fields, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Count, F, Model, Q, QuerySet, Window
from django.db.models.functions import Lower

from catalog.apis.models import Api, ApiVersion, Field, Operation
from catalog.scopes.models import Scope
from portal.access.actors import Actor
from portal.search.wording import Wording

Row = TypeVar("Row", bound=Model)
# A part of a word is looked for only when no whole word was found, and only from this length on.
SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class Filters:
    depths: Collection[int] = ()
    statuses: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Group(Generic[Row]):
    rows: Sequence[Row] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    apis: Group[Api] = field(default_factory=Group)
    operations: Group[Operation] = field(default_factory=Group)
    fields: Group[Field] = field(default_factory=Group)

    @property
    def count(self) -> int:
        return self.apis.count + self.operations.count + self.fields.count


def find(
    wording: Wording,
    *,
    actor: Actor,
    filters: Filters,
    limits: dict[str, tuple[int, int]],
) -> Found:
    """Return the best rows of each kind between the two numbers that `limits` has for it."""
    if not wording.words and not wording.method:
        return Found()
    found = _find(wording, actor, filters, limits, by_part=False)
    has_words = found.operations.count or found.fields.count or limits.keys() == {"apis"}
    if has_words or len(wording.text) < SHORTEST_PART:
        return found
    return _find(wording, actor, filters, limits, by_part=True)


def scopes_for(fields: Sequence[Field]) -> dict[str, str]:
    """Return the scope that opens each data cluster of these fields."""
    codes = {row.cluster_code for row in fields if row.cluster_code}
    if not codes:
        return {}
    return dict(Scope.objects.filter(cluster_code__in=codes).values_list("cluster_code", "name"))


def _find(
    wording: Wording,
    actor: Actor,
    filters: Filters,
    limits: dict[str, tuple[int, int]],
    *,
    by_part: bool,
) -> Found:
    versions = ApiVersion.objects.visible_to(actor)
    if filters.statuses:
        versions = versions.filter(status__in=filters.statuses)
    kinds: dict[str, Any] = {
        "apis": _apis(wording, actor, filters),
        "operations": _operations(wording, versions, filters, by_part=by_part),
        "fields": _fields(wording, versions, filters, by_part=by_part),
    }
    return Found(
        **{
            kind: _group(rows, *limits[kind])
            for kind, rows in kinds.items()
            if kind in limits and rows is not None
        }
    )


def _group(rows: QuerySet[Row], start: int, end: int) -> Group[Row]:
    page = list(rows.annotate(found_count=Window(Count("*")))[start:end])
    return Group(rows=page, count=page[0].found_count if page else 0)  # type: ignore[attr-defined] # annotated above


def _apis(wording: Wording, actor: Actor, filters: Filters) -> QuerySet[Api] | None:
    if wording.method:
        return None
    rows = Api.objects.visible_to(actor).summarised(actor)
    for word in wording.words:
        rows = rows.filter(
            Q(name__icontains=word) | Q(summary__icontains=word) | Q(sector__iexact=word)
        )
    if filters.depths:
        rows = rows.filter(Q(depth__in=filters.depths))
    if filters.statuses:
        rows = rows.filter(versions__status__in=filters.statuses).distinct()
    return rows.order_by(Lower("name"))


def _operations(
    wording: Wording, versions: QuerySet[ApiVersion], filters: Filters, *, by_part: bool
) -> QuerySet[Operation]:
    rows = Operation.objects.filter(version__in=versions)
    if wording.method:
        rows = rows.filter(method=wording.method)
    if filters.depths:
        rows = rows.filter(depth__in=filters.depths)
    rows = rows.select_related("version__api").only(
        "slug", "method", "path", "summary", "depth", "version__label", "version__api__slug",
        "version__api__name",
    )  # fmt: skip
    if ":" in wording.text and " " not in wording.text:
        return rows.filter(scopes__contains=[wording.text]).order_by("pk")
    if by_part:
        part = wording.text.removeprefix(wording.method).strip()
        return rows.filter(Q(path__icontains=part) | Q(summary__icontains=part)).order_by("pk")
    return _ranked(rows, wording)


def _fields(
    wording: Wording, versions: QuerySet[ApiVersion], filters: Filters, *, by_part: bool
) -> QuerySet[Field] | None:
    if wording.method:
        return None
    rows = Field.objects.filter(operation__version__in=versions)
    if filters.depths:
        rows = rows.filter(depth__in=filters.depths)
    rows = rows.select_related("operation__version__api").only(
        "pointer", "name", "description", "depth", "cluster_code", "scope", "operation__slug",
        "operation__summary", "operation__version__label", "operation__version__api__slug",
        "operation__version__api__name",
    )  # fmt: skip
    if by_part:
        return rows.filter(name__icontains=wording.text).order_by("pk")
    return _ranked(rows, wording)


def _ranked(rows: QuerySet[Row], wording: Wording) -> QuerySet[Row]:
    if not wording.words:
        return rows.order_by("pk")
    query = SearchQuery(wording.tsquery, search_type="raw", config="english")
    return rows.filter(search=query).order_by(SearchRank(F("search"), query).desc(), "pk")
