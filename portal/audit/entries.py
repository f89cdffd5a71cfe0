"""Events as a person reads them. Names are looked up for the page; the log holds ids only."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from partners.applications.models import Client
from partners.organizations.models import Organization
from portal.accounts.models import User
from portal.events.models import Event
from portal.events.people import accounts_of


@dataclass(frozen=True, slots=True)
class Entry:
    event: Event
    who: str
    organization: str
    what: str
    facts: str


def entries_of(events: list[Event]) -> list[Entry]:
    """Return the page's rows, with four queries however many they are."""
    users = _people(_ids("user:", events))
    clients = {
        client.client_id: str(client.application)
        for client in Client.objects.filter(
            client_id__in=[e.actor[7:] for e in events if e.actor.startswith("client:")]
        ).select_related("application")
    }
    organizations = Organization.objects.in_bulk(
        {event.organization_id for event in events if event.organization_id}
    )
    return [
        Entry(
            event=event,
            who=_who(event.actor, users, clients),
            organization=str(organizations.get(event.organization_id or 0, "")),
            what=_what(event.kind),
            facts=json.dumps(event.facts, indent=2, ensure_ascii=False) if event.facts else "",
        )
        for event in events
    ]


def _people(references: set[int]) -> dict[int, User]:
    """Return who is still known by these numbers of the log."""
    accounts = accounts_of(references)
    users = User.objects.in_bulk(accounts.values())
    return {number: users[pk] for number, pk in accounts.items() if pk in users}


def _ids(prefix: str, events: Iterable[Event]) -> set[int]:
    numbers = {
        event.actor.removeprefix(prefix) for event in events if event.actor.startswith(prefix)
    }
    return {int(number) for number in numbers if number.isdigit()}


def _who(actor: str, users: dict[int, User], clients: dict[str, str]) -> str:
    kind, _, name = actor.partition(":")
    if kind == "user" and name.isdigit() and int(name) in users:
        return str(users[int(name)])
    if kind == "client" and name in clients:
        return clients[name]
    return {"system": "The portal", "anonymous": "Somebody"}.get(kind, actor)


def _what(kind: str) -> str:
    """Return `partners.review.decided` as “Review decided”."""
    *_, thing, verb = f".{kind}".split(".")
    words = f"{thing} {verb}".replace("_", " ").replace("organization", "organisation")
    return words.strip().capitalize()
