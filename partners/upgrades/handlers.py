"""Tell those whose programs are touched: by mail what breaks them, in the portal the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.changes.events import ChangeEvent, DeprecationEvent
from catalog.changes.models import Deprecation, Entry
from catalog.plans.models import Environment
from partners.applications.models import Client
from partners.organizations.people import people_of
from partners.upgrades.events import UpgradeEvent
from partners.upgrades.models import Acknowledgement
from partners.upgrades.users import subscribers_of, touched_by
from portal.access.actors import SYSTEM, Role
from portal.events.log import on, record
from portal.events.models import Event
from portal.notifications.actions import notify

_TOLD = {
    DeprecationEvent.ANNOUNCED: "will end",
    DeprecationEvent.EXTENDED: "answers longer",
    DeprecationEvent.WITHDRAWN: "goes on",
    DeprecationEvent.REMINDED: "ends soon",
    DeprecationEvent.ENDED: "has ended",
}


@on(ChangeEvent.PUBLISHED)
def tell_of_change(event: Event) -> None:
    entry = Entry.objects.select_related("api", "version", "comparison__old").get(pk=_key(event))
    if entry.kind not in {Entry.Kind.VERSION, Entry.Kind.REVISION} or entry.comparison is None:
        return  # What ends is told by its own event, and a first version has no users.
    for client in touched_by(entry, at=timezone.now()):
        count = entry.comparison.breaking_count
        facts = {"api": entry.api.slug, "version": entry.version.label, "breaking_count": count}
        context = {"api": entry.api.name, "title": entry.title, "breaking_count": count}
        _tell(
            event, client, UpgradeEvent.CHANGED, entry, facts,
            template="upgrades/changed", context=context, link=entry.get_absolute_url(),
            # A new version breaks nobody who stays; a changed one breaks at once.
            by_mail=entry.is_breaking and entry.kind == Entry.Kind.REVISION,
        )  # fmt: skip


@on(*_TOLD)
def tell_of_end(event: Event) -> None:
    found = Deprecation.objects.select_related("version__api", "successor").get(pk=_key(event))
    version = found.version
    known = set(Acknowledgement.objects.filter(deprecation=found).values_list("client", flat=True))
    is_reminder = event.kind == DeprecationEvent.REMINDED
    facts = {
        "api": version.api.slug,
        "version": version.label,
        "sunset_at": event.facts.get("sunset_at"),
        "successor": event.facts.get("successor"),
        "days_left": event.facts.get("days_left"),
    }
    context = {
        "version": str(version),
        "what": _TOLD[DeprecationEvent(event.kind)],
        "ends": f"{version.sunset_at:%-d %B %Y}" if version.sunset_at else "",
        "successor": str(found.successor) if found.successor else "",
        "no_successor": found.no_successor,
    }
    clients = subscribers_of(version.api.slug, at=timezone.now(), environments=found.segments)
    live = {one.application_id for one in clients if one.environment == Environment.PRODUCTION}
    for client in clients:
        is_live = client.environment == Environment.PRODUCTION
        if not is_live and client.application_id in live:
            continue  # Its people hear of it already.
        _tell(
            event, client, UpgradeEvent.ENDING, found, facts,
            template="upgrades/ending", context=context, link=reverse("upgrades:list"),
            # Who only tries it out reads it in the portal.
            by_mail=is_live and not (is_reminder and client.pk in known),
        )  # fmt: skip


@transaction.atomic
def _tell(
    event: Event,
    client: Client,
    kind: UpgradeEvent,
    subject: Entry | Deprecation,
    facts: Mapping[str, Any],
    *,
    template: str,
    context: Mapping[str, Any],
    link: str,
    by_mail: bool,
) -> None:
    application = client.application
    people = list(people_of(application.organization_id, Role.OWNER, Role.DEVELOPER))
    key = f"{event.public_id}:{client.pk}"
    told = Event.objects.filter(kind=kind, facts__told=key)
    if not told.exists():
        record(
            kind, subject, by=SYSTEM, organization_id=application.organization_id,
            application=application.slug, client_id=client.client_id, told=key, **facts,
        )  # fmt: skip
    for person in people:
        notify(
            person, key=f"{key}:{person.pk}", template=template,
            context={**context, "application": application.name}, link=link, by_mail=by_mail,
        )  # fmt: skip


def _key(event: Event) -> int:
    return int(event.subject.rpartition(":")[2])
