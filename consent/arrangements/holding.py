"""How every action holds an arrangement and writes down what becomes of it.

Whoever locks takes the customer first, then arrangements by id, then codes, then tokens: so give,
exchange, narrow and end queue up and never stand crossed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.utils import translation

from consent.arrangements.access import current_items
from consent.arrangements.difference import Difference
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import Arrangement, ArrangementVersion, Customer, Item
from consent.arrangements.pseudonyms import pseudonym_of
from consent.arrangements.receipts import digest, write_receipt
from consent.arrangements.record import record_of
from consent.notices.actions import referred
from portal.access.actors import SYSTEM, Actor
from portal.errors import Conflict
from portal.events.log import Fact, record
from portal.events.models import Event

Status = Arrangement.Status


class ChangedSince(Conflict):
    """The page that was answered shows an older state."""

    code = "changed_since"


class AlreadyEnded(Conflict):
    code = "already_ended"


def locked(arrangement_id: UUID) -> Arrangement:
    """Return the arrangement as it is now, and hold it until the transaction ends.

    `FOR NO KEY UPDATE`: every other holder waits, but rows that merely point at the arrangement,
    such as a reading, may be written meanwhile, and ending never waits for them.
    """
    return (
        Arrangement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("client__application__organization", "customer__user")
        .get(pk=arrangement_id)
    )


def lock_customer(customer: Customer) -> None:
    """Let nobody else give, approve or end anything of this customer's until it is over."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)


def require_running(arrangement: Arrangement, *, at: datetime, seen: int | None = None) -> None:
    """Refuse to change what has ended, or what is not the version `seen` on the answered page."""
    if not arrangement.is_running(at=at):
        raise AlreadyEnded("This sharing has already ended.")
    if seen not in {None, arrangement.version_number}:
        raise ChangedSince("This changed since you opened the page.")


def add_version(
    arrangement: Arrangement,
    version: ArrangementVersion,
    items: Sequence[Item],
    *,
    kind: ArrangementEvent,
    by: Actor,
    at: datetime,
    difference: Difference,
    facts: Mapping[str, Fact] | None = None,
) -> None:
    """Keep a new version of an arrangement that is held, with its receipt and its news."""
    arrangement.version_number += 1
    arrangement.save(
        update_fields=[
            "version_number", "epoch", "duration", "ends_at", "reconsent_by", "reconsent_notice"
        ]
    )  # fmt: skip
    version.arrangement = arrangement
    version.number = arrangement.version_number
    version.duration, version.ends_at = arrangement.duration, arrangement.ends_at
    version.created_at = at
    version.notice_sha256 = digest(version.notice)
    version.privacy_notice = referred(version.notice.get("privacy_notice"))
    with translation.override(version.locale):
        # In the words that were shown, whoever changes it and in whichever language they work.
        version.record = record_of(version, items)
    version.save(force_insert=True)
    for item in items:
        item.pk, item.version = None, version
    Item.objects.bulk_create(items)
    changes = {
        name: list(getattr(difference, name))
        for name in ("added", "removed", "changed")
        if kind != ArrangementEvent.GIVEN
    }
    event = tell(kind, arrangement, items, by=by, at=at, **changes, **(facts or {}))
    write_receipt(version, event, by=by, at=at)


def end(
    arrangement: Arrangement,
    status: Status,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    together: str = "",
    facts: Mapping[str, Fact] | None = None,
) -> Arrangement:
    """End an arrangement that is held. What its clock has ended has expired, whoever comes now.

    `together` names what else ended by the same click, so that its person hears of all in one;
    `facts` say in whose place it was done, if in somebody's.
    """
    if arrangement.status not in Arrangement.RUNNING:
        return arrangement
    if arrangement.ends_at <= at:
        status, by, at, facts = Status.EXPIRED, SYSTEM, arrangement.ends_at, None
        # An answer that was asked for again did not come.
        is_superseded = arrangement.reconsent_by == arrangement.ends_at
        reason = "policy_superseded" if is_superseded else "expired"
    arrangement.move_to(
        status,
        ended_at=at,
        end_reason=reason,
        epoch=arrangement.epoch + 1,
        paused_at=None,
        pause_reason="",
    )
    click = {"together": together} if together else {}
    prove(ArrangementEvent[status.name], arrangement, by=by, at=at, **click, **(facts or {}))
    return arrangement


def prove(
    kind: ArrangementEvent, arrangement: Arrangement, *, by: Actor, at: datetime, **facts: Fact
) -> None:
    """Tell what became of an arrangement without a new version, and write the receipt of it."""
    version = arrangement.versions.get(number=arrangement.version_number)
    version.arrangement = arrangement
    event = tell(kind, arrangement, current_items(arrangement), by=by, at=at, **facts)
    write_receipt(version, event, by=by, at=at)


def tell(
    kind: str,
    arrangement: Arrangement,
    items: Sequence[Item],
    *,
    by: Actor,
    at: datetime,
    **facts: Fact,
) -> Event:
    application = arrangement.client.application
    return record(
        kind,
        arrangement,
        by=by,
        organization_id=application.organization_id,
        person_id=arrangement.customer.user_id,
        client_id=arrangement.client.client_id,
        application=application.slug,
        subject_id=str(pseudonym_of(arrangement.customer, application)),
        version=arrangement.version_number,
        scopes=sorted(item.scope.name for item in items),
        ends_at=arrangement.ends_at.astimezone(UTC).isoformat(),
        sequence=_next_number(arrangement),
        reason=arrangement.end_reason,
        happened_at=at.astimezone(UTC).isoformat(),
        **facts,
    )


def _next_number(arrangement: Arrangement) -> int:
    """Return the place of the next news of an arrangement that is held: from 1, without gaps."""
    told = Event.objects.about(arrangement).filter(kind__startswith="consent.arrangement.")
    return told.count() + 1
