"""Keep the news of each client in order, and hand it out: by cursor, by poll, or pushed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent.signals.models import Signal, Stream
from consent.signals.tokens import is_trial, token_of
from partners.applications.models import Client
from partners.organizations.models import Organization
from partners.webhooks.actions import queue_token
from partners.webhooks.models import Endpoint
from portal.errors import Malformed
from portal.events.models import Event

KEPT = timedelta(days=30)
MAX_AT_ONCE = 100
MAX_FAULT = 60


class CursorTooOld(Malformed):
    """What came right after that cursor is not kept any more: news was missed."""

    code = "cursor_too_old"


@transaction.atomic
def keep_signal(event: Event) -> int:
    """Give the event a number for each client whose news it is; twice changes nothing."""
    kept = 0
    for client in clients_told_of(event):
        stream, _ = Stream.objects.get_or_create(client=client)
        stream = Stream.objects.select_for_update().get(pk=stream.pk)
        if Signal.objects.filter(stream=stream, event=event).exists():
            continue
        stream.last_number += 1
        stream.save(update_fields=["last_number"])
        Signal.objects.create(stream=stream, number=stream.last_number, event=event)
        kept += 1
    return kept


@transaction.atomic
def push_signal(event: Event) -> int:
    """Write a signed token for each endpoint that wants tokens; the second time changes nothing."""
    listening = Endpoint.objects.told_of(event).filter(format=Endpoint.Format.TOKEN)
    audience = [client.client_id for client in clients_told_of(event)]
    if not audience:
        return 0
    return sum(queue_token(event, endpoint, token_of(event, to=audience)) for endpoint in listening)


def clients_told_of(event: Event) -> list[Client]:
    """Return the one client whose news it is, or all of its application, the oldest first."""
    clients = Client.objects.filter(application__organization_id=event.organization_id).exclude(
        application__organization__status=Organization.Status.CLOSED
    )
    if client_id := event.facts.get("client_id"):
        clients = clients.filter(client_id=client_id)
    elif slug := event.facts.get("application"):
        clients = clients.filter(application__slug=slug)
    elif not is_trial(event):
        return []
    return list(clients.order_by("pk"))


def signals_after(client: Client, *, after: int, limit: int) -> list[Signal]:
    """Return at most `limit` of the client's signals behind that number.

    Raises `CursorTooOld` where some behind it are not kept any more: nothing is skipped silently.
    """
    found = list(Signal.objects.of(client).filter(number__gt=after)[:limit])
    if after and _next_number(client, found) > after + 1:
        raise CursorTooOld("News behind that cursor is older than 30 days. Begin without a cursor.")
    return found


def _next_number(client: Client, found: Sequence[Signal]) -> int:
    """Return the number of the first signal behind a cursor, also where none is kept."""
    if found:
        return found[0].number
    return 1 + (
        Stream.objects.filter(pk=client.pk).values_list("last_number", flat=True).first() or 0
    )


@transaction.atomic
def take_signals(
    client: Client, *, has: Collection[UUID], faults: Mapping[UUID, str], at: datetime
) -> int:
    """Note what the client says that it has; unknown and repeated ids change nothing."""
    unread = Signal.objects.filter(stream=client.pk).unread()
    taken = unread.filter(event__public_id__in=has).update(taken_at=at)
    for public_id, fault in faults.items():
        taken += unread.filter(event__public_id=public_id).update(
            taken_at=at, fault=fault[:MAX_FAULT]
        )
    return taken


def unread_signals(client: Client, *, limit: int) -> tuple[list[Signal], bool]:
    """Return the oldest that the client has not taken, and whether there are more."""
    found = list(Signal.objects.of(client).unread()[: limit + 1])
    return found[:limit], len(found) > limit


def forget_old_signals() -> int:
    """Delete what is older than 30 days, a batch at a time; the log itself keeps its events."""
    old = Signal.objects.older_than(timezone.now() - KEPT)
    deleted = 0
    while keys := list(old.values_list("pk", flat=True)[:1000]):
        deleted += Signal.objects.filter(pk__in=keys).delete()[0]
    return deleted
