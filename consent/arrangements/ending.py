"""How sharing ends: by the customer, by staff, by the application, or by the clock."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from consent.arrangements.holding import end, lock_customer, locked
from consent.arrangements.models import Arrangement, Customer
from partners.applications.models import Application, Client
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Malformed, NotAllowed
from portal.given_up import again_when_given_up

Status = Arrangement.Status
BATCH = 500


@again_when_given_up
@transaction.atomic
def withdraw_arrangement(
    arrangement: Arrangement, *, by: Actor, reason: str = "customer"
) -> Arrangement:
    """End it for the customer, from the next call on. What has ended stays as it ended."""
    arrangement = locked(arrangement.pk)
    require(by, Permission.WITHDRAW_CONSENT, person_id=arrangement.customer.user_id)
    return end(arrangement, Status.WITHDRAWN, by=by, at=timezone.now(), reason=reason)


@again_when_given_up
@transaction.atomic
def withdraw_everything(
    customer: Customer,
    *,
    by: Actor,
    application: Application | None = None,
    reason: str = "customer",
) -> list[Arrangement]:
    """End all that runs, or all that runs with one application, in one transaction."""
    require(by, Permission.WITHDRAW_CONSENT, person_id=customer.user_id)
    lock_customer(customer)
    running = customer.arrangements.filter(status__in=Arrangement.RUNNING).order_by("pk")
    if application is not None:
        running = running.filter(client__application=application)
    keys = list(running.values_list("pk", flat=True))
    together = str(uuid4()) if application is None and len(keys) > 1 else ""
    how: dict[str, Any] = {"by": by, "at": timezone.now(), "reason": reason, "together": together}
    return [end(locked(pk), Status.WITHDRAWN, **how) for pk in keys]


@transaction.atomic
def revoke_arrangement(arrangement: Arrangement, *, by: Actor, reason: str) -> Arrangement:
    """End it for the customer's safety; `reason` is a code, such as `security` or `privacy`."""
    require(by, Permission.REVOKE_CONSENT)
    _require_code(reason)
    return end(locked(arrangement.pk), Status.REVOKED, by=by, at=timezone.now(), reason=reason)


@transaction.atomic
def invalidate_arrangement(arrangement: Arrangement, *, by: Actor, reason: str) -> Arrangement:
    """End what should never have been agreed to, such as for fraud; `reason` is a code."""
    require(by, Permission.REVOKE_CONSENT)
    _require_code(reason)
    arrangement = locked(arrangement.pk)
    return end(arrangement, Status.INVALIDATED, by=by, at=timezone.now(), reason=reason)


@transaction.atomic
def return_arrangement(arrangement: Arrangement, *, client: Client, by: Actor) -> Arrangement:
    """End it because its own application wants it no longer, from the next call on."""
    arrangement = locked(arrangement.pk)
    if arrangement.client_id != client.pk:
        raise NotAllowed("This sharing is with another application.")
    return end(arrangement, Status.REVOKED, by=by, at=timezone.now(), reason="application")


def use_up(arrangement: Arrangement, *, until: datetime) -> None:
    """Let what is shared once end with the access token that was taken for it, at that instant.

    The caller holds the arrangement. Collecting is over when the token is: nothing refreshes it.
    """
    now = timezone.now()
    arrangement.ends_at = min(arrangement.ends_at, until)
    arrangement.claimed_at = arrangement.claimed_at or now
    arrangement.save(update_fields=["ends_at", "claimed_at"])


@transaction.atomic
def end_unclaimed(arrangement_id: UUID) -> bool:
    """End what the application never fetched; return whether that was so."""
    arrangement = locked(arrangement_id)
    if arrangement.claimed_at is not None or arrangement.status not in Arrangement.RUNNING:
        return False
    end(arrangement, Status.REVOKED, by=SYSTEM, at=timezone.now(), reason="unclaimed")
    return True


@transaction.atomic
def end_unasked(arrangement: Arrangement, *, deadline: datetime, notice: str) -> Arrangement:
    """Write down what ended at a deadline before its customer could be asked anew.

    Calls are refused from the deadline on, whenever this comes.
    """
    arrangement, now = locked(arrangement.pk), timezone.now()
    if not arrangement.is_running(at=now) or now < deadline:
        return arrangement
    arrangement.reconsent_by, arrangement.reconsent_notice = deadline, notice
    arrangement.ends_at = min(arrangement.ends_at, deadline)
    arrangement.save(update_fields=["reconsent_by", "reconsent_notice", "ends_at"])
    return end(arrangement, Status.EXPIRED, by=SYSTEM, at=now, reason="policy_superseded")


def expire_overdue_arrangements() -> int:
    """Write down what the clock already decided, one row per transaction; return how many."""
    expired = 0
    now = timezone.now()
    for pk in list(Arrangement.objects.overdue(at=now).values_list("pk", flat=True)):
        with transaction.atomic():
            arrangement = locked(pk)
            if arrangement.status in Arrangement.RUNNING and arrangement.ends_at <= now:
                end(arrangement, Status.EXPIRED, by=SYSTEM, at=now, reason="expired")
                expired += 1
    return expired


def end_with_closed_partners() -> int:
    """End all that runs with applications that are closed for good; return how many that were.

    Their calls are refused from the closing on: this only writes it down, one row per transaction,
    so that it can be stopped at any point and goes on where it was.
    """
    ended = 0
    while batch := list(Arrangement.objects.left_behind().values_list("pk", flat=True)[:BATCH]):
        ended += sum(map(end_left_behind, batch))
    return ended


@transaction.atomic
def end_left_behind(arrangement_id: UUID) -> bool:
    """End what runs although its application is closed; return whether it still ran."""
    arrangement = locked(arrangement_id)
    if arrangement.status not in Arrangement.RUNNING:
        return False
    end(arrangement, Status.REVOKED, by=SYSTEM, at=timezone.now(), reason="partner_terminated")
    return True


def _require_code(reason: str) -> None:
    if not re.fullmatch(r"[a-z][a-z_]{2,59}", reason):
        raise Malformed("The reason is a code of small letters, such as “security”.")
