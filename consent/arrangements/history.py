"""Everything that was read and changed, in plain words, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from catalog.scopes.languages import label_of
from consent.arrangements import in_place, moments, wording
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Customer,
    Reading,
    Receipt,
)
from portal.events.models import Event, subject_of

Row = tuple[datetime, str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history; `is_own` marks what the customer did."""

    at: datetime
    title: str
    text: str
    application: str
    is_own: bool = False
    receipt: str = ""


def rows_of(customer: Customer) -> QuerySet[Any, Row]:
    """Return when something happened and where it stands, for a page to be cut from."""
    events = Event.objects.of_person(customer.user_id)
    return _rows(events, Reading.objects.filter(arrangement__customer=customer))


def rows_with(arrangements: Sequence[Arrangement]) -> QuerySet[Any, Row]:
    events = Event.objects.filter(subject__in=[subject_of(each) for each in arrangements])
    return _rows(events, Reading.objects.filter(arrangement__in=arrangements))


def tell(rows: Iterable[Row], *, zone: str) -> list[Entry]:
    """Return the rows of one page as words, in as many queries for fifty as for one."""
    kept = list(rows)
    events = Event.objects.in_bulk([pk for _, source, pk in kept if source == "event"])
    readings = Reading.objects.in_bulk([pk for _, source, pk in kept if source == "reading"])
    ids = {_arrangement_id(event) for event in events.values()}
    ids |= {reading.arrangement_id for reading in readings.values()}
    book = _Book(ids, zone)
    return [
        book.change(events[pk]) if source == "event" else book.reading(readings[pk])
        for _, source, pk in kept
    ]


def _rows(events: QuerySet[Event], readings: QuerySet[Reading]) -> QuerySet[Any, Row]:
    changes = events.filter(kind__in=list(ArrangementEvent)).annotate(
        at=F("recorded_at"), source=Value("event")
    )
    looks = readings.annotate(at=F("last_read_at"), source=Value("reading"))
    columns = ("at", "source", "pk")
    both = (
        changes.order_by()
        .values_list(*columns)
        .union(looks.order_by().values_list(*columns), all=True)
    )
    return both.order_by("-at", "-pk")


def _arrangement_id(event: Event) -> UUID:
    return UUID(event.subject.rpartition(":")[2])


_ALLOWED = later("You allowed %(app)s %(period)s")
# What happened, the line below it, and whether the customer did it.
_CHANGES: dict[str, tuple[Any, Any, bool]] = {
    "given": (_ALLOWED, "%(all)s", True),
    "renewed": (_ALLOWED, "%(all)s", True),
    "extended": (_ALLOWED, "%(all)s", True),
    "amended": (later("You changed what %(app)s sees"), "%(all)s", True),
    "narrowed": (
        later("You stopped sharing %(gone)s with %(app)s"),
        later("Still shared: %(what)s."),
        True,
    ),
    "fewer_things": (
        later("You share fewer of your things with %(app)s"),
        later("Still shared: %(what)s."),
        True,
    ),
    "shortened": (later("You let your sharing with %(app)s end earlier"), "%(until)s", True),
    "paused": (
        later("You paused %(app)s"),
        later("It sees nothing meanwhile."),
        True,
    ),
    "resumed": (later("You let %(app)s go on"), "%(all)s", True),
    "reconsent_required": (
        later("%(app)s needs your answer anew"),
        later("What you agreed to has changed."),
        False,
    ),
}


class _Book:
    """What the lines of one page need to know about their arrangements."""

    def __init__(self, ids: set[UUID], zone: str) -> None:
        self.zone = zone
        self.arrangements = Arrangement.objects.select_related("client__application").in_bulk(ids)
        self.labels: dict[tuple[UUID, int], dict[str, str]] = {}
        self.ends: dict[tuple[UUID, int], tuple[datetime, datetime]] = {}
        versions = ArrangementVersion.objects.filter(arrangement__in=ids).order_by("items__pk")
        for pk, number, start, end, code, label, translations in versions.values_list(
            "arrangement",
            "number",
            "created_at",
            "ends_at",
            "items__cluster__code",
            "items__cluster__label",
            "items__cluster__translations",
        ):
            self.ends[pk, number] = (start, end)
            if code is not None:
                labels = self.labels.setdefault((pk, number), {})
                labels[code] = label_of(label, translations or {})
        receipts = Receipt.objects.filter(version__arrangement__in=ids)
        self.receipts: dict[Any, str] = {}
        for pk, version, kind, event, receipt in receipts.values_list(
            "version__arrangement", "version__number", "event_kind", "event", "number"
        ):
            # From before receipts kept what they follow from, the kind alone says which it was.
            self.receipts[event or (pk, version, kind)] = receipt

    def change(self, event: Event) -> Entry:
        pk, version = _arrangement_id(event), int(event.facts["version"])
        application = self.arrangements[pk].client.application
        title, text, is_own = self._words(event, pk, version, str(application))
        return Entry(
            at=event.recorded_at,
            title=title,
            text=text,
            application=application.slug,
            is_own=is_own,
            receipt=self._receipt(event, pk, version),
        )

    def _receipt(self, event: Event, pk: UUID, version: int) -> str:
        return self.receipts.get(event.pk) or self.receipts.get((pk, version, event.kind), "")

    def reading(self, reading: Reading) -> Entry:
        application = self.arrangements[reading.arrangement_id].client.application
        known = {
            code: label
            for (pk, _version), labels in self.labels.items()
            if pk == reading.arrangement_id
            for code, label in labels.items()
        }
        labels = [known[code] for code in reading.cluster_codes if code in known]
        return Entry(
            at=reading.last_read_at,
            title=f"{application} {wording.looked_at(labels)}",
            text=self._how_often(reading),
            application=application.slug,
        )

    def _words(self, event: Event, pk: UUID, version: int, app: str) -> tuple[str, str, bool]:
        labels = self.labels.get((pk, version), {})
        before = self.labels.get((pk, version - 1), {})
        start, end = self.ends[pk, version]
        what = wording.several(labels.values())
        told = {
            "app": app,
            "what": what,
            "gone": wording.several(label for code, label in before.items() if code not in labels),
            "period": moments.period(start, end, self.zone),
            "all": wording.sentence(what) or wording.NO_DATA,
            "until": f"{moments.until(end, self.zone)}.",
        }
        if by_others := in_place.title_of(event, app):
            return by_others, str(told["all"]), False
        what_happened = event.kind.rpartition(".")[2]
        if what_happened == "narrowed" and not told["gone"]:
            what_happened = "fewer_things"
        if what_happened in _CHANGES:
            title, text, is_own = _CHANGES[what_happened]
            return title % told, text % told, is_own
        return _ended(event, app, str(told["all"]))

    def _how_often(self, reading: Reading) -> str:
        if reading.read_count == 1:
            return ""
        start = reading.hour.astimezone(moments.zone_of(self.zone))
        end = start + timedelta(hours=1)
        return ngettext(
            "%(count)d time between %(start)s and %(end)s.",
            "%(count)d times between %(start)s and %(end)s.",
            reading.read_count,
        ) % {"count": reading.read_count, "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}


def _ended(event: Event, app: str, all_of_it: str) -> tuple[str, str, bool]:
    reason, named = str(event.facts.get("reason", "")), {"app": app}
    if event.kind == ArrangementEvent.WITHDRAWN:
        if reason == "replaced":
            return _("You began anew with %(app)s") % named, all_of_it, True
        return _("You stopped sharing with %(app)s") % named, all_of_it, True
    if event.kind == ArrangementEvent.EXPIRED:
        return _("Your sharing with %(app)s ended by itself") % named, all_of_it, False
    if wording.is_of_the_app(reason):
        title = _("Your sharing with %(app)s ended") % named
    else:
        title = _("Meridian ended your sharing with %(app)s") % named
    return title, f"{wording.ending(reason)}.", False
