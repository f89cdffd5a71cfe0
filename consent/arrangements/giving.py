"""What a customer agrees to: for the first time, once more, or more than before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.scopes.models import Purpose
from consent.arrangements.access import current_details, current_items, details_of_items
from consent.arrangements.children import approval_for, approval_of, require_age
from consent.arrangements.difference import Difference, difference
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.holding import (
    ChangedSince,
    add_version,
    end,
    lock_customer,
    locked,
    prove,
)
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Customer,
    Duration,
    Item,
    Management,
)
from consent.arrangements.periods import ONE_TIME_PERIOD, longest
from consent.arrangements.picking import Picks, pick
from consent.arrangements.pseudonyms import pseudonym_of
from consent.arrangements.terms import items_of
from partners.applications.models import Client
from partners.subscriptions.access import Use
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused

# In place of the key of a version: the customer shared nothing with the client.
NOTHING = 0
Status = Arrangement.Status
Change = ArrangementVersion.Change
Channel = ArrangementVersion.Channel


@dataclass(frozen=True, slots=True)
class Occasion:
    """How the customer was asked, and how surely, how and when they had signed in."""

    locale: str
    authenticated_at: datetime | None
    acr: str = ""
    amr: tuple[str, ...] = ()
    channel: Channel = Channel.WEB


class WrongPeriod(Refused):
    code = "wrong_period"


class WrongEnvironment(Refused):
    code = "wrong_environment"


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
    occasion: Occasion,
    duration: Duration = Duration.FIXED,
    resources: Picks | None = None,
    details: Sequence[dict[str, Any]] = (),
    management: Management | None = None,
    grant_id: UUID | None = None,
    may_share_nothing: bool = False,
    stands_on: int | None = None,
) -> Arrangement:
    """Write down what the customer chose; a running arrangement gets a new version.

    `resources` says which things data that comes in things is about, by kind.
    `details` are single cases of the scopes; those of a scope that was not chosen fall away.
    `management` says what becomes of the arrangement `grant_id` that runs: the choice is added to
    it (merge), takes its place (replace, and when nothing is said), or a new one does (create).
    A child agrees to what a guardian has allowed, at most (`approval_for`).
    Where it `may_share_nothing`, a question about no data begins an arrangement without any, and
    leaves a running one as it is: to sign in once more takes nothing away.
    `stands_on` is the version that ran when the customer was asked, or `NOTHING`: if another one
    runs now, such as a narrower one, the answer is none to what there is.
    """
    require(by, Permission.GIVE_CONSENT, person_id=customer.user_id)
    if not customer.may_meet(client):
        raise WrongEnvironment("The sandbox meets test customers only, and nothing else does.")
    now = timezone.now()
    _require_period(uses, scopes, duration, ends_at, at=now)
    lock_customer(customer)
    if not Client.objects.select_related("application__organization").get(pk=client.pk).is_live:
        raise Conflict("This application may not ask for data now.", code="app_not_active")
    approval = approval_for(
        customer,
        client,
        uses=uses,
        scopes=scopes,
        details=details,
        signs_in=may_share_nothing,
        ends_at=ends_at,
        at=now,
    )
    shares_nothing = may_share_nothing and not any(use.cluster_code for use in uses)
    items = [] if shares_nothing else items_of(uses, scopes, at=now)
    require_age(customer, items, at=now)
    pick(customer, items, resources or {}, application=client.application)
    pseudonym_of(customer, client.application)
    arrangement = _running(customer, client, at=now)
    if not shares_nothing:
        _require_unchanged(arrangement, stands_on)
    if management in {Management.MERGE, Management.REPLACE} and (
        arrangement is None or arrangement.pk != grant_id
    ):
        raise ChangedSince("What you shared with this application has ended. Nothing was changed.")
    if management == Management.CREATE and arrangement is not None:
        end(arrangement, Status.WITHDRAWN, by=by, at=now, reason="replaced")
        arrangement = None
    if arrangement is not None and shares_nothing and management in {None, Management.MERGE}:
        return arrangement
    is_owing, allowed = False, approval
    if arrangement is not None and management == Management.MERGE:
        # What a guardian allowed stays that, and becomes no longer by what joins it.
        allowed = approval or approval_of(arrangement)
        ends_at = min(ends_at, arrangement.ends_at) if allowed else ends_at
        items, details = _merged(arrangement, items, details)
        is_owing = allowed is not None or _stands_on_superseded(items)
    details = details_of_items(details, items)
    if arrangement is None:
        arrangement = _begin(customer, client, at=now, ends_at=ends_at)
        change, what = Change.GIVEN, Difference()
    else:
        _resume(arrangement, by=by, at=now)
        what = difference(current_items(arrangement), items)
        is_same = what.is_same and details == current_details(arrangement)
        change = _change(is_same=is_same, is_longer=ends_at > arrangement.ends_at)
        # What is used once takes the place of all that was issued before.
        arrangement.epoch += duration == Duration.ONE_TIME
    arrangement.duration, arrangement.ends_at = duration, ends_at
    if is_owing and arrangement.reconsent_by is not None:
        arrangement.ends_at = min(ends_at, arrangement.reconsent_by)
    else:
        arrangement.reconsent_by, arrangement.reconsent_notice = None, ""
    version = ArrangementVersion(
        change=change,
        notice=notice,
        locale=occasion.locale,
        channel=Channel.GUARDIAN if approval else occasion.channel,
        approval=allowed,
        acr=occasion.acr,
        amr=list(occasion.amr),
        authenticated_at=occasion.authenticated_at,
        details=details,
    )
    kind = ArrangementEvent[change.name]
    add_version(arrangement, version, items, kind=kind, by=by, at=now, difference=what)
    return arrangement


def note_claimed(arrangements: QuerySet[Arrangement], *, at: datetime) -> int:
    """Note that applications took what customers gave them; again changes nothing."""
    return arrangements.filter(claimed_at=None).update(claimed_at=at)


def _require_period(
    uses: Sequence[Use],
    scopes: Collection[str],
    duration: Duration,
    ends_at: datetime,
    *,
    at: datetime,
) -> None:
    chosen = [use for use in uses if use.scope in scopes]
    limit = ONE_TIME_PERIOD if duration == Duration.ONE_TIME else longest(chosen)
    if not at < ends_at <= at + limit:
        raise WrongPeriod(
            "Sharing ends at a time that has not passed, within what may be asked for, and within"
            " 365 days."
        )


def _running(customer: Customer, client: Client, *, at: datetime) -> Arrangement | None:
    """Return the arrangement that the same customer and client already have, held."""
    found = Arrangement.objects.filter(
        customer=customer, client=client, status__in=Arrangement.RUNNING
    )
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        return None
    arrangement = locked(pk)
    if arrangement.ends_at <= at:
        end(arrangement, Status.EXPIRED, by=SYSTEM, at=at, reason="expired")
    return arrangement if arrangement.status in Arrangement.RUNNING else None


def _begin(customer: Customer, client: Client, *, at: datetime, ends_at: datetime) -> Arrangement:
    """Begin an arrangement, which follows what the two had before."""
    before = Arrangement.objects.filter(customer=customer, client=client)
    return Arrangement.objects.create(
        customer=customer,
        client=client,
        previous=before.order_by("-given_at", "-ended_at").first(),
        version_number=0,
        given_at=at,
        ends_at=ends_at,
    )


def _resume(arrangement: Arrangement, *, by: Actor, at: datetime) -> None:
    """Start a paused arrangement again: its customer has just said yes to it."""
    if arrangement.status == Status.PAUSED:
        arrangement.move_to(Status.ACTIVE, paused_at=None, pause_reason="")
        prove(ArrangementEvent.RESUMED, arrangement, by=by, at=at)


def _change(*, is_same: bool, is_longer: bool) -> Change:
    if not is_same:
        return Change.AMENDED
    return Change.EXTENDED if is_longer else Change.RENEWED


def _require_unchanged(arrangement: Arrangement | None, stands_on: int | None) -> None:
    """Refuse an answer to a screen that was shown while something else was shared."""
    if stands_on is None:
        return
    runs = NOTHING
    if arrangement is not None:
        runs = arrangement.versions.get(number=arrangement.version_number).pk
    if runs != stands_on:
        raise ChangedSince("What you share with it has changed since this page was opened.")


def _stands_on_superseded(items: Sequence[Item]) -> bool:
    """Whether something among it is kept for a purpose in words that are no longer current.

    Who adds to what they share is shown the added part alone: the rest they are still asked about.
    """
    purposes = {item.purpose_id for item in items}
    return Purpose.objects.filter(pk__in=purposes, superseded_at__isnull=False).exists()


def _merged(
    arrangement: Arrangement, items: list[Item], details: Sequence[dict[str, Any]]
) -> tuple[list[Item], list[dict[str, Any]]]:
    """Return what was chosen now, and behind it what was shared before."""
    chosen = {item.scope_id for item in items}
    kept = [item for item in current_items(arrangement) if item.scope_id not in chosen]
    earlier = [detail for detail in current_details(arrangement) if detail not in details]
    return items + kept, [*details, *earlier]
