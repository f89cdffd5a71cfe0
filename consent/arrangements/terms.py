"""What a consent comes to: the chosen uses as items, checked, with their fields pinned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from catalog.scopes.models import DataCluster, FieldRule
from consent.arrangements.models import Item
from partners.subscriptions.access import Use
from portal.errors import Refused


class NeededToWork(Refused):
    """The application cannot work without it; leaving it out means not sharing at all."""

    code = "needed_to_work"


class NotOffered(Refused):
    """A choice that the application never asked for."""

    code = "not_offered"


class NothingChosen(Refused):
    code = "nothing_chosen"


class Incomplete(Refused):
    """A use without cluster or purpose: nobody could know what they agree to."""

    code = "incomplete_use"


def items_of(uses: Sequence[Use], scopes: Collection[str], *, at: datetime) -> list[Item]:
    """Return an unsaved item for each chosen use that opens customer data, as agreed to `at`."""
    chosen = frozenset(scopes)
    if unknown := chosen - {use.scope for use in uses}:
        raise NotOffered(f"The application did not ask for {', '.join(sorted(unknown))}.")
    asked = [use for use in uses if use.cluster_code or use.purpose_id is not None]
    if any(use.is_required and use.scope not in chosen for use in asked):
        raise NeededToWork("The application cannot work without this. You can still say no.")
    kept = [use for use in asked if use.scope in chosen]
    if not kept:
        raise NothingChosen("Choose at least one thing to share.")
    clusters = clusters_of(kept)
    return [_item(use, clusters, at=at) for use in kept]


def clusters_of(uses: Iterable[Use]) -> dict[str, DataCluster]:
    """Return the current clusters that the uses open, by code, with their field rules."""
    codes = {use.cluster_code for use in uses}
    current = DataCluster.objects.filter(superseded_at=None, code__in=codes)
    found: Iterable[Any] = current.prefetch_related("rules")
    return {cluster.code: cluster for cluster in found}


def pinned_fields(cluster: DataCluster) -> dict[str, list[str]]:
    """Return what this version of the cluster reveals, and how, by operation key."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for rule in sorted(cluster.rules.all(), key=_place):
        if rule.seen_as:
            fields[rule.operation_key].append(rule.seen_as)
    return dict(fields)


def _item(use: Use, clusters: Mapping[str, DataCluster], *, at: datetime) -> Item:
    cluster = clusters.get(use.cluster_code)
    if cluster is None or use.purpose_id is None:
        raise Incomplete(f"“{use.scope}” does not say what it opens, or why.")
    # The ceiling of today, whatever was approved under an earlier one.
    look_back_days = cluster.look_back(use.look_back_days)
    return Item(
        scope_id=use.scope_id,
        cluster=cluster,
        purpose_id=use.purpose_id,
        why=use.why,
        is_required=use.is_required,
        retention_days=use.retention_days,
        fields=pinned_fields(cluster),
        look_back_from=look_back_from(look_back_days, at=at),
        look_back_days=look_back_days,
    )


def look_back_from(days: int | None, *, at: datetime) -> datetime | None:
    """Return how far back dated data may be read, by an agreement made at that instant."""
    return None if days is None else at - timedelta(days=days)


def _place(rule: FieldRule) -> tuple[str, str]:
    return rule.operation_key, rule.pointer
