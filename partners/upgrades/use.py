"""What is still done with what ends: by whom, by how many calls to which operation, and who knows.

Everything is gathered in a fixed number of questions, however many ends and clients there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.apis.models import ApiVersion, Operation
from catalog.changes.models import Deprecation
from catalog.plans.models import Environment
from partners.applications.models import Client
from partners.subscriptions.models import Subscription
from partners.upgrades.models import Acknowledgement
from partners.upgrades.traffic import calls_of

DAYS = 30
MOST_OPERATIONS = 500


@dataclass(frozen=True, slots=True)
class Called:
    """An operation by its name in addresses; an empty one stands for paths that nothing has."""

    operation: str
    count: int


@dataclass(frozen=True, slots=True)
class Use:
    """A client that may call a version that ends.

    `called` are its calls of the last days, most first; nothing in it says that none was seen.
    """

    end: Deprecation
    client: Client
    called: Sequence[Called]
    known: Acknowledgement | None

    @property
    def call_count(self) -> int | None:
        return sum(one.count for one in self.called) if self.called else None

    @property
    def is_live(self) -> bool:
        return self.client.environment == Environment.PRODUCTION


@dataclass(frozen=True, slots=True)
class StillCalled:
    """A client's calls to an operation that is deprecated in a version that goes on."""

    operation: Operation
    client: Client
    count: int


def subscriptions_to_what_ends(*, at: datetime) -> list[Subscription]:
    ends = Deprecation.objects.announced()
    return _subscriptions(at=at, plan__api__in=ends.values("version__api"))


def subscriptions_to(api_id: int, *, at: datetime) -> list[Subscription]:
    return _subscriptions(at=at, plan__api=api_id)


def subscriptions_of(organization_id: int, *, at: datetime) -> list[Subscription]:
    return _subscriptions(at=at, client__application__organization=organization_id)


def uses_of(
    ends: Sequence[Deprecation], subscriptions: Sequence[Subscription], *, at: datetime
) -> list[Use]:
    """Return who may still call each of them and belongs to its segments, live clients first."""
    users = {one.client_id: one.client for one in subscriptions}
    calls = calls_of(list(users), [_name(end.version) for end in ends], since=_since(at))
    called: dict[tuple[int, str], list[Called]] = {}
    for (client, key), count in calls.items():
        version, _, operation = key.rpartition("/")
        called.setdefault((client, version), []).append(Called(operation, count))
    acknowledged = Acknowledgement.objects.filter(deprecation__in=ends, client__in=list(users))
    known = {
        (one.deprecation_id, one.client_id): one
        for one in acknowledged.select_related("acknowledged_by")
    }
    apis = {(one.plan.api_id, one.client_id) for one in subscriptions}
    uses = [
        Use(
            end,
            client,
            sorted(called.get((client.pk, _name(end.version)), ()), key=lambda one: -one.count),
            known.get((end.pk, client.pk)),
        )
        for end in ends
        for client in users.values()
        if (end.version.api_id, client.pk) in apis and end.is_for(client.environment)
    ]
    return sorted(uses, key=lambda use: (use.end.version.sunset_at or at, not use.is_live))


def still_called(
    subscriptions: Sequence[Subscription] | None, *, at: datetime
) -> list[StillCalled]:
    """Return the calls of these, or of everybody, to what is deprecated in versions that go on."""
    operations = Operation.objects.filter(
        is_deprecated=True,
        version__in=ApiVersion.objects.answering(at=at).filter(sunset_at=None),
    ).select_related("version__api")
    clients: dict[int, Client] | None = None
    if subscriptions is not None:
        clients = {one.client_id: one.client for one in subscriptions}
        operations = operations.filter(version__api__in={one.plan.api_id for one in subscriptions})
    shown = ("slug", "method", "path", "summary", "version__label", "version__api__slug")
    rows = operations.only(*shown, "version__api__name").order_by("pk")[:MOST_OPERATIONS]
    found = {one.key: one for one in rows}
    versions = sorted({key.rpartition("/")[0] for key in found})
    calls = calls_of(None if clients is None else list(clients), versions, since=_since(at))
    counts = {pair: count for pair, count in calls.items() if pair[1] in found}
    if clients is None:
        named = Client.objects.filter(pk__in={client for client, _ in counts})
        clients = {one.pk: one for one in named.select_related("application__organization")}
    still = [
        StillCalled(found[key], clients[client], count) for (client, key), count in counts.items()
    ]
    return sorted(still, key=lambda one: (-one.count, one.operation.pk, one.client.pk))


def _subscriptions(*, at: datetime, **narrowed: object) -> list[Subscription]:
    active = Subscription.objects.active(at=at).filter(**narrowed)
    named = active.select_related("client__application__organization", "plan")
    return list(named.order_by("client__application__name", "pk"))


def _name(version: ApiVersion) -> str:
    return f"{version.api.slug}/{version.label}"


def _since(at: datetime) -> datetime:
    return at - timedelta(days=DAYS)
