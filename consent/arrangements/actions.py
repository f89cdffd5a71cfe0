"""What can be done to an arrangement.

Whoever locks takes the customer first, then arrangements by id, then codes, then tokens: so give,
exchange, narrow and end queue up and never stand crossed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.scopes.models import Scope
from consent.arrangements import readings, wording
from consent.arrangements.access import current_details, current_items
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Customer,
    Item,
    Management,
    Pseudonym,
)
from consent.arrangements.receipts import digest, write_receipt
from consent.arrangements.terms import NeededToWork, NotOffered, items_of, pinned_fields
from partners.applications.models import Application, Client
from partners.subscriptions.access import Use
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Malformed, NotAllowed, Refused
from portal.events.log import record

__all__ = [
    "end_unclaimed",
    "expire_overdue_arrangements",
    "give_consent",
    "locked",
    "narrow_arrangement",
    "note_claimed",
    "note_reading",
    "pinned_fields",
    "pseudonym_of",
    "return_arrangement",
    "revoke_arrangement",
    "withdraw_arrangement",
    "withdraw_everything",
]

MAX_PERIOD = timedelta(hours=365 * 24)
Status = Arrangement.Status
Change = ArrangementVersion.Change
note_reading = readings.note_reading


class WrongPeriod(Refused):
    code = "wrong_period"


class WrongEnvironment(Refused):
    code = "wrong_environment"


class ChangedSince(Conflict):
    """The page that was answered shows an older state."""

    code = "changed_since"


class AlreadyEnded(Conflict):
    code = "already_ended"


@transaction.atomic
def give_consent(
    customer: Customer,
    client: Client,
    *,
    by: Actor,
    uses: Sequence[Use],
    scopes: Collection[str],
    ends_at: datetime,
    notice: dict[str, Any],
    locale: str,
    authenticated_at: datetime | None,
    details: Sequence[dict[str, Any]] = (),
    management: Management | None = None,
    grant_id: UUID | None = None,
    may_share_nothing: bool = False,
) -> Arrangement:
    """Write down what the customer chose; a running arrangement gets a new version.

    `details` are single cases of the scopes; those of a scope that was not chosen fall away.
    `management` says what becomes of the arrangement `grant_id` that runs: the choice is added to
    it (merge), takes its place (replace, and when nothing is said), or a new one does (create).
    Where it `may_share_nothing`, a question about no data begins an arrangement without any, and
    leaves a running one as it is: to sign in once more takes nothing away.
    """
    require(by, Permission.GIVE_CONSENT, person_id=customer.user_id)
    if not customer.may_meet(client):
        raise WrongEnvironment("The sandbox meets test customers only, and nothing else does.")
    now = timezone.now()
    if not now < ends_at <= now + MAX_PERIOD:
        raise WrongPeriod("Sharing ends at a time that has not passed, within 365 days.")
    _lock_customer(customer)
    if not Client.objects.select_related("application__organization").get(pk=client.pk).is_live:
        raise Conflict("This application may not ask for data now.", code="app_not_active")
    shares_nothing = may_share_nothing and not any(use.cluster_code for use in uses)
    items = [] if shares_nothing else items_of(uses, scopes)
    pseudonym_of(customer, client.application)
    arrangement = _running(customer, client, at=now)
    if management in {Management.MERGE, Management.REPLACE} and (
        arrangement is None or arrangement.pk != grant_id
    ):
        raise ChangedSince("What you shared with this application has ended. Nothing was changed.")
    if management == Management.CREATE and arrangement is not None:
        _end(arrangement, Status.WITHDRAWN, by=by, at=now, reason="replaced")
        arrangement = None
    if arrangement is not None and shares_nothing and management in {None, Management.MERGE}:
        return arrangement
    change, kind = Change.RENEWED, ArrangementEvent.RENEWED
    if arrangement is not None and management == Management.MERGE:
        change = Change.MERGED
        items, details = _merged(arrangement, items, details)
    if arrangement is None:
        arrangement = Arrangement.objects.create(
            customer=customer, client=client, version_number=0, given_at=now, ends_at=ends_at
        )
        change, kind = Change.GIVEN, ArrangementEvent.GIVEN
    arrangement.ends_at = ends_at
    version = ArrangementVersion(
        change=change,
        notice=notice,
        locale=locale,
        authenticated_at=authenticated_at,
        details=_of_items(details, items),
    )
    _add_version(arrangement, version, items, kind=kind, by=by, at=now)
    return arrangement


@transaction.atomic
def narrow_arrangement(
    arrangement: Arrangement, *, by: Actor, keep: Collection[str], seen_version: int | None = None
) -> Arrangement:
    """Leave out scopes from now on; tokens that are already out can do less from the next call on.

    `seen_version` is the version that the answered page showed. Keeping nothing is withdrawing.
    """
    arrangement = locked(arrangement.pk)
    require(by, Permission.WITHDRAW_CONSENT, person_id=arrangement.customer.user_id)
    now = timezone.now()
    if not arrangement.is_active(at=now):
        raise AlreadyEnded("This sharing has already ended.")
    if seen_version not in {None, arrangement.version_number}:
        raise ChangedSince("This changed since you opened the page.")
    items = current_items(arrangement)
    if unknown := frozenset(keep) - {item.scope.name for item in items}:
        raise NotOffered(f"{', '.join(sorted(unknown))} is not shared now, so it cannot be kept.")
    kept = [item for item in items if item.scope.name in keep]
    if not kept:
        _end(arrangement, Status.WITHDRAWN, by=by, at=now, reason="nothing_left")
        return arrangement
    if any(item.is_required and item not in kept for item in items):
        raise NeededToWork("It cannot work without this. You can stop sharing altogether.")
    if len(kept) == len(items):
        return arrangement
    before = arrangement.versions.get(number=arrangement.version_number)
    version = ArrangementVersion(
        change=Change.NARROWED,
        notice=wording.narrowed_notice(before.notice, frozenset(keep)),
        locale=before.locale,
        details=_of_items(before.details, kept),
    )
    _add_version(arrangement, version, kept, kind=ArrangementEvent.NARROWED, by=by, at=now)
    return arrangement


@transaction.atomic
def withdraw_arrangement(arrangement: Arrangement, *, by: Actor) -> Arrangement:
    """End it for the customer, from the next call on. What has ended stays as it ended."""
    arrangement = locked(arrangement.pk)
    require(by, Permission.WITHDRAW_CONSENT, person_id=arrangement.customer.user_id)
    return _end(arrangement, Status.WITHDRAWN, by=by, at=timezone.now(), reason="customer")


@transaction.atomic
def withdraw_everything(
    customer: Customer, *, by: Actor, application: Application | None = None
) -> list[Arrangement]:
    """End all that runs, or all that runs with one application, in one transaction."""
    require(by, Permission.WITHDRAW_CONSENT, person_id=customer.user_id)
    _lock_customer(customer)
    running = customer.arrangements.filter(status=Status.ACTIVE).order_by("pk")
    if application is not None:
        running = running.filter(client__application=application)
    return [withdraw_arrangement(arrangement, by=by) for arrangement in running]


@transaction.atomic
def revoke_arrangement(arrangement: Arrangement, *, by: Actor, reason: str) -> Arrangement:
    """End it for the customer's safety; `reason` is a code, such as `security` or `privacy`."""
    require(by, Permission.REVOKE_CONSENT)
    if not re.fullmatch(r"[a-z][a-z_]{2,59}", reason):
        raise Malformed("The reason is a code of small letters, such as “security”.")
    return _end(locked(arrangement.pk), Status.REVOKED, by=by, at=timezone.now(), reason=reason)


@transaction.atomic
def return_arrangement(arrangement: Arrangement, *, client: Client, by: Actor) -> Arrangement:
    """End it because its own application wants it no longer, from the next call on."""
    arrangement = locked(arrangement.pk)
    if arrangement.client_id != client.pk:
        raise NotAllowed("This sharing is with another application.")
    return _end(arrangement, Status.REVOKED, by=by, at=timezone.now(), reason="application")


def note_claimed(arrangements: QuerySet[Arrangement], *, at: datetime) -> int:
    """Note that applications took what customers gave them; again changes nothing."""
    return arrangements.filter(claimed_at=None).update(claimed_at=at)


@transaction.atomic
def end_unclaimed(arrangement_id: UUID) -> bool:
    """End what the application never fetched; return whether that was so."""
    arrangement = locked(arrangement_id)
    if arrangement.claimed_at is not None or arrangement.status != Status.ACTIVE:
        return False
    _end(arrangement, Status.REVOKED, by=SYSTEM, at=timezone.now(), reason="unclaimed")
    return True


def expire_overdue_arrangements() -> int:
    """Write down what the clock already decided, one row per transaction; return how many."""
    expired = 0
    now = timezone.now()
    for pk in list(Arrangement.objects.overdue(at=now).values_list("pk", flat=True)):
        with transaction.atomic():
            arrangement = locked(pk)
            if arrangement.status == Status.ACTIVE and arrangement.ends_at <= now:
                _end(arrangement, Status.EXPIRED, by=SYSTEM, at=now, reason="expired")
                expired += 1
    return expired


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


def pseudonym_of(customer: Customer, application: Application) -> UUID:
    """Return the only name by which the application knows the customer."""
    pseudonym, _ = Pseudonym.objects.get_or_create(application=application, customer=customer)
    return pseudonym.subject


def _lock_customer(customer: Customer) -> None:
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)


def _running(customer: Customer, client: Client, *, at: datetime) -> Arrangement | None:
    """Return the arrangement that the same customer and client already have, held."""
    found = Arrangement.objects.filter(customer=customer, client=client, status=Status.ACTIVE)
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        return None
    arrangement = locked(pk)
    if arrangement.status == Status.ACTIVE and arrangement.ends_at <= at:
        _end(arrangement, Status.EXPIRED, by=SYSTEM, at=at, reason="expired")
    return arrangement if arrangement.status == Status.ACTIVE else None


def _merged(
    arrangement: Arrangement, items: list[Item], details: Sequence[dict[str, Any]]
) -> tuple[list[Item], list[dict[str, Any]]]:
    """Return what was chosen now, and behind it what was shared before."""
    chosen = {item.scope_id for item in items}
    kept = [item for item in current_items(arrangement) if item.scope_id not in chosen]
    earlier = [detail for detail in current_details(arrangement) if detail not in details]
    return items + kept, [*details, *earlier]


def _of_items(details: Sequence[dict[str, Any]], items: Sequence[Item]) -> list[dict[str, Any]]:
    scopes = {item.scope_id for item in items}
    names = (
        set(Scope.objects.filter(pk__in=scopes).values_list("name", flat=True)) if details else ()
    )
    return [detail for detail in details if detail["scope"] in names]


def _add_version(
    arrangement: Arrangement,
    version: ArrangementVersion,
    items: Sequence[Item],
    *,
    kind: ArrangementEvent,
    by: Actor,
    at: datetime,
) -> None:
    arrangement.version_number += 1
    arrangement.save(update_fields=["version_number", "ends_at"])
    version.arrangement = arrangement
    version.number = arrangement.version_number
    version.ends_at, version.created_at = arrangement.ends_at, at
    version.notice_sha256 = digest(version.notice)
    version.save(force_insert=True)
    for item in items:
        item.pk, item.version = None, version
    Item.objects.bulk_create(items)
    write_receipt(version, items, kind=kind, by=by, at=at)
    _tell(kind, arrangement, items, by=by)


def _end(
    arrangement: Arrangement, status: Status, *, by: Actor, at: datetime, reason: str
) -> Arrangement:
    """End an arrangement that is held. What its clock has ended has expired, whoever comes now."""
    if arrangement.status != Status.ACTIVE:
        return arrangement
    if arrangement.ends_at <= at:
        status, by, at, reason = Status.EXPIRED, SYSTEM, arrangement.ends_at, "expired"
    arrangement.move_to(status, ended_at=at, end_reason=reason, epoch=arrangement.epoch + 1)
    version = arrangement.versions.get(number=arrangement.version_number)
    version.arrangement = arrangement
    items = current_items(arrangement)
    kind = ArrangementEvent[status.name]
    write_receipt(version, items, kind=kind, by=by, at=at)
    _tell(kind, arrangement, items, by=by)
    return arrangement


def _tell(
    kind: ArrangementEvent, arrangement: Arrangement, items: Sequence[Item], *, by: Actor
) -> None:
    application = arrangement.client.application
    record(
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
        reason=arrangement.end_reason,
    )
