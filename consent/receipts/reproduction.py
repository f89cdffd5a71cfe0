"""Whether the proof we keep is still what we wrote: each receipt is made again and compared.

A receipt follows from its version and the event it was written for. So whoever alters one of the
three, or the texts and items behind the version, has to alter the others and sign anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Min, Prefetch, Q

from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import ArrangementVersion, Item, Receipt
from consent.arrangements.receipts import TYP, body_of, canonical, digest
from consent.arrangements.record import entity_of, receipted
from consent.keys import jws
from consent.keys.jws import BadSignature
from consent.keys.models import SigningKey
from portal.events.models import Event

PAUSES = (ArrangementEvent.PAUSED, ArrangementEvent.RESUMED)


@dataclass(frozen=True, slots=True)
class Break:
    """`record` names the row: `receipt MR-…`, `version 2 of …`, `notice …` or `event …`."""

    record: str
    detail: str

    def __str__(self) -> str:
        return f"{self.record} is broken: {self.detail}"


@dataclass(frozen=True, slots=True)
class Report:
    """`unproved_count` is of receipts whose key was given up: they hold by our record alone."""

    first_break: Break | None
    receipt_count: int
    unproved_count: int


def verify() -> Report:
    """Walk all receipts in the order in which they were written."""
    first: Break | None = None
    count = unproved = 0
    given_up = _kids_given_up()
    for receipt in _receipts():
        count += 1
        is_unproved = not receipt.signature or jws.kid_of(receipt.signature) in given_up
        later = [
            one.signature
            for one in receipt.resignatures.all()
            if jws.kid_of(one.signature) not in given_up
        ]
        unproved += is_unproved and not later
        first = (
            first
            or fault_of(receipt, is_unproved=is_unproved)
            or _fault_of_later(receipt, signatures=later)
        )
    return Report(first or _missing(), count, unproved)


def fault_of(receipt: Receipt, *, is_unproved: bool = False) -> Break | None:
    """Return what is wrong with a receipt or with what it follows from, the nearest first."""
    name = f"receipt {receipt.number}"
    if digest(receipt.body) != receipt.sha256:
        return Break(name, "its text does not have its digest")
    if not is_unproved:
        try:
            jws.check_of_record(receipt.signature, canonical(receipt.body), typ=TYP)
        except BadSignature:
            return Break(name, "its signature does not fit")
    if receipt.event is None:
        return None  # From before receipts kept what they follow from.
    return _fault_of_version(receipt.version) or _fault_of_event(receipt, receipt.event, name)


def _fault_of_later(receipt: Receipt, *, signatures: Iterable[str]) -> Break | None:
    for signature in signatures:
        try:
            jws.check_of_record(signature, canonical(receipt.body), typ=TYP)
        except BadSignature:
            return Break(f"receipt {receipt.number}", "a later signature does not fit")
    return None


def _fault_of_event(receipt: Receipt, event: Event, name: str) -> Break | None:
    again = body_of(
        receipt.version,
        event,
        number=receipt.number,
        entity=entity_of(event, actor=event.actor, customer=f"user:{event.person_id}"),
    )
    if canonical(again) != canonical(receipt.body):
        return Break(name, "it does not follow from its version and its event")
    return None


def _fault_of_version(version: ArrangementVersion) -> Break | None:
    name = f"version {version.number} of {version.arrangement_id}"
    if digest(version.notice) != version.notice_sha256:
        return Break(name, "the text that was shown does not have its digest")
    if version.record["privacy_notice"]["sha256"] != version.notice_sha256:
        return Break(name, "its record names another text than the one that was shown")
    kept = sorted(
        (
            item.scope.name,
            item.retention_days,
            item.is_required,
            digest([item.fields, item.resources]),
        )
        for item in version.items.all()
    )
    said = sorted(
        (
            purpose["scope"],
            int(purpose["retention_period"][1:-1]),
            not purpose["pii_information"]["pii_optional"],
            digest(
                [
                    purpose["pii_information"]["pii_attribute_id"],
                    purpose["pii_information"].get("pii_resources"),
                ]
            ),
        )
        for purpose in version.record["purposes"]
    )
    if kept != said:
        return Break(name, "its items are not those of its record")
    notice, reference = version.privacy_notice, version.notice.get("privacy_notice")
    if notice is not None and (
        hashlib.sha256(notice.text.encode()).hexdigest() != notice.sha256
        or reference is None
        or reference["sha256"] != notice.sha256
    ):
        return Break(f"notice {notice}", "its text is not the one that was shown")
    return None


def _missing() -> Break | None:
    """Return what should have a receipt and has none."""
    version = ArrangementVersion.objects.filter(receipts=None).order_by("pk").first()
    if version is not None:
        return Break(f"version {version.number} of {version.arrangement_id}", "it has no receipt")
    events = Event.objects.filter(kind__in=receipted(), facts__has_key="happened_at")
    proved = Receipt.objects.exclude(event=None).values("event")
    # The first pauses had no receipts.
    pauses = Receipt.objects.filter(event_kind__in=PAUSES).aggregate(first=Min("event"))["first"]
    of_before = Q(kind__in=PAUSES) if pauses is None else Q(kind__in=PAUSES, pk__lt=pauses)
    event = events.exclude(of_before).exclude(pk__in=proved).order_by("pk").first()
    return Break(f"event {event.pk}", "it has no receipt") if event is not None else None


def _receipts() -> Iterator[Receipt]:
    items = Prefetch("version__items", Item.objects.select_related("scope"))
    found = Receipt.objects.select_related("event", "version__privacy_notice")
    return found.prefetch_related(items, "resignatures").order_by("pk").iterator(chunk_size=500)


def _kids_given_up() -> frozenset[str]:
    found = SigningKey.objects.exclude(compromised_at=None)
    return frozenset(found.values_list("kid", flat=True))
