from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.inventory.events import DeploymentEvent
from catalog.inventory.gateways import READERS, Served
from catalog.inventory.gateways.routes import (
    MAX_CONFIGURATION,
    ConfigurationInvalid,
    Policy,
)
from catalog.inventory.models import Deployment
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Malformed
from portal.events.log import record


@dataclass(frozen=True, slots=True)
class Place:
    """Which gateway it is: its name among ours, its kind, and whom it serves."""

    gateway: str
    kind: str
    environment: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many routes a configuration had, how many of them no API is known for, what went."""

    route_count: int
    unknown_count: int
    gone_count: int


@transaction.atomic
def read_configuration(text: str, *, by: Actor, place: Place) -> Outcome:
    """Learn from a gateway's configuration what it serves; the text itself is not kept.

    What the same gateway served before and serves no more is removed. Raises
    `ConfigurationInvalid`, which never quotes what may be a secret.
    """
    require(by, Permission.DESCRIBE_API)
    if place.kind not in READERS:
        raise Malformed(f"{place.kind} is no gateway that we read.")
    if len(text.encode()) > MAX_CONFIGURATION:
        raise ConfigurationInvalid("The configuration is larger than one megabyte.")
    served = READERS[place.kind](text)
    known = _versions()
    rows = {row.base_url: row for one in served for row in _rows(one, known, place)}
    if not rows:
        raise ConfigurationInvalid("It passes no call on to anything, so there is nothing to keep.")
    here = Deployment.objects.filter(gateway=place.gateway, environment=place.environment)
    gone, _ = here.exclude(base_url__in=rows).filter(source=Deployment.Source.READ).delete()
    stored = Deployment.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["environment", "gateway", "base_url"],
        update_fields=["version", "kind", "policies", "source", "seen_at"],
    )
    unknown = sum(row.version_id is None for row in rows.values())
    _record(stored[0], place, by=by, route_count=len(rows), unknown_count=unknown, gone_count=gone)
    return Outcome(len(rows), unknown, gone)


@transaction.atomic
def enter_deployment(
    version: ApiVersion, *, by: Actor, place: Place, base_url: str, policies: Sequence[str]
) -> Deployment:
    """Keep where a version is called, for a gateway whose configuration we cannot read."""
    require(by, Permission.DESCRIBE_API)
    address = urlsplit(base_url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise Malformed("A base address begins with https:// and names a host.")
    if address.username or address.query or address.fragment:
        raise Malformed("A base address has no user, no query and no fragment.")
    deployment, _ = Deployment.objects.update_or_create(
        environment=place.environment,
        gateway=place.gateway,
        base_url=base_url.rstrip("/"),
        defaults={
            "version": version,
            "kind": place.kind,
            "policies": [Policy(name).value for name in policies],
            "source": Deployment.Source.ENTERED,
            "seen_at": timezone.now(),
        },
    )
    _record(deployment, place, by=by, route_count=1)
    return deployment


@transaction.atomic
def remove_deployment(deployment: Deployment, *, by: Actor) -> None:
    require(by, Permission.DESCRIBE_API)
    record(
        DeploymentEvent.REMOVED,
        deployment,
        by=by,
        gateway=deployment.gateway,
        environment=deployment.environment,
    )
    deployment.delete()


def _versions() -> dict[str, ApiVersion]:
    """Return each version by the path under which our gateways serve it."""
    versions = ApiVersion.objects.select_related("api")
    return {f"/{version.api.slug}/{version.label}": version for version in versions}


def _rows(served: Served, known: dict[str, ApiVersion], place: Place) -> Iterator[Deployment]:
    """Yield what a route serves: one version, or all of them where it takes every path."""
    if served.path == "/":
        for path, version in known.items():
            if version.status in ApiVersion.PUBLIC_STATUSES:
                yield _row(replace(served, path=path), version, place)
        return
    yield _row(served, _fitting(served, known), place)


def _row(served: Served, version: ApiVersion | None, place: Place) -> Deployment:
    return Deployment(
        version=version,
        environment=place.environment,
        gateway=place.gateway,
        kind=place.kind,
        base_url=served.base_url[:400],
        policies=[policy.value for policy in served.policies],
        source=Deployment.Source.READ,
        seen_at=timezone.now(),
    )


def _fitting(served: Served, known: dict[str, ApiVersion]) -> ApiVersion | None:
    """Return the version whose path it is, or ends with, as behind a prefix of the gateway's."""
    path = served.path.rstrip("/*").rstrip("/")
    parts = path.split("/")
    for start in range(len(parts) - 2):
        version = known.get("/" + "/".join(parts[start + 1 : start + 3]))
        if version is not None:
            return version
    return None


def _record(deployment: Deployment, place: Place, *, by: Actor, **counts: int) -> None:
    record(
        DeploymentEvent.FOUND,
        deployment,
        by=by,
        gateway=place.gateway,
        product=place.kind,
        environment=place.environment,
        **counts,
    )
