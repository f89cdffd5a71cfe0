"""The register: every version with its owner, its risk, its places and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from catalog.apis.models import Api, ApiVersion, Operation
from catalog.inventory.gaps import IS_CLASSIFIED
from catalog.inventory.models import Deployment
from catalog.inventory.risk import Risk, Trait, risk_of


@dataclass(frozen=True, slots=True)
class Entry:
    version: ApiVersion
    risk: Risk
    deployments: Sequence[Deployment]
    ownerless_count: int

    @property
    def is_guarded(self) -> bool:
        return all(deployment.is_guarded for deployment in self.deployments)


def entries_of(versions: Sequence[ApiVersion]) -> list[Entry]:
    """Return the register's line of each version, in two statements for all of them."""
    traits: defaultdict[int, list[Trait]] = defaultdict(list)
    ownerless: defaultdict[int, int] = defaultdict(int)
    owners = {version.pk: version.api.owner_id for version in versions}
    for key, method, depth, is_protected, is_classified, has_owner, count in _operations(versions):
        known = depth if is_classified else None
        traits[key].append(Trait(method, known, is_protected=is_protected))
        if not has_owner and owners[key] is None:
            ownerless[key] += count
    places: defaultdict[int, list[Deployment]] = defaultdict(list)
    for deployment in Deployment.objects.filter(version__in=versions).order_by("base_url"):
        places[deployment.version_id or 0].append(deployment)
    return [
        Entry(
            version,
            risk_of(traits[version.pk], is_reachable=_is_reachable(version)),
            places[version.pk],
            ownerless[version.pk],
        )
        for version in versions
    ]


def _operations(versions: Sequence[ApiVersion]) -> list[Any]:
    """Return how many operations of a version are alike in all that counts here."""
    rows = Operation.objects.filter(version__in=versions).annotate(
        is_classified=IS_CLASSIFIED,
        is_protected=~Q(scopes=[]),
        has_owner=Q(owner__isnull=False),
    )
    alike = rows.values_list(
        "version_id", "method", "depth", "is_protected", "is_classified", "has_owner"
    )
    return list(alike.annotate(count=Count("pk")).order_by())


def _is_reachable(version: ApiVersion) -> bool:
    return (
        version.status in ApiVersion.PUBLIC_STATUSES and version.api.status in Api.PUBLIC_STATUSES
    )


def gateways() -> list[Any]:
    """Return each gateway with how many routes it serves, and how many nobody has described."""
    return list(
        Deployment.objects.values("gateway", "kind", "environment")
        .annotate(routes=Count("pk"), unknown=Count("pk", filter=Q(version=None)))
        .order_by("gateway", "environment")
    )
