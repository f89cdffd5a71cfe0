"""Who uses what changes: the clients whose live access reaches it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from catalog.apis.models import Operation
from catalog.changes.comparisons import slugs_touched
from catalog.changes.diff.rules import Level
from catalog.changes.models import Entry
from catalog.plans.models import Environment
from partners.applications.models import Client
from partners.subscriptions.models import ApprovedUse, Subscription


def subscribers_of(
    api_slug: str, *, at: datetime, environments: Collection[str] = (Environment.PRODUCTION,)
) -> list[Client]:
    """Return the clients of these environments that may call the API at that instant."""
    active = Subscription.objects.active(at=at).filter(plan__api__slug=api_slug)
    clients = Client.objects.filter(pk__in=active.values("client"), environment__in=environments)
    return list(clients.select_related("application__organization").order_by("pk"))


def touched_by(entry: Entry, *, at: datetime) -> list[Client]:
    """Return those of them whose scopes open an operation that the entry's breaking changes touch.

    Of an operation that is gone nobody knows the scopes any more, so everybody hears of it.
    """
    clients = subscribers_of(entry.api.slug, at=at)
    if entry.comparison is None or not entry.is_breaking:
        return clients
    slugs = slugs_touched(entry.comparison, Level.BREAKING)
    version = entry.comparison.old.version_id
    needed = dict(
        Operation.objects.filter(version=version, slug__in=slugs).values_list("slug", "scopes")
    )
    if not slugs <= needed.keys():
        return clients
    held = _scopes_of(clients, entry.api.slug, at=at)
    return [
        client
        for client in clients
        if any(set(scopes) <= held.get(client.pk, set()) for scopes in needed.values())
    ]


def _scopes_of(clients: Collection[Client], api_slug: str, *, at: datetime) -> dict[int, set[str]]:
    held: dict[int, set[str]] = {}
    active = Subscription.objects.active(at=at).filter(plan__api__slug=api_slug)
    uses = ApprovedUse.objects.filter(
        subscription__in=active, subscription__client__in=[client.pk for client in clients]
    )
    for client, scope in uses.values_list("subscription__client", "scope__name"):
        held.setdefault(client, set()).add(scope)
    return held
