"""What a customer agrees to: for the first time, once more, or more than before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from consent.arrangements.access import current_details, current_items, details_of_items
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.holding import ChangedSince, add_version, end, lock_customer, locked
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Customer,
    Item,
    Management,
)
from consent.arrangements.pseudonyms import pseudonym_of
from consent.arrangements.terms import items_of
from partners.applications.models import Client
from partners.subscriptions.access import Use
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused

MAX_PERIOD = timedelta(hours=365 * 24)
# In place of the key of a version: the customer shared nothing with the client.
NOTHING = 0
Status = Arrangement.Status
Change = ArrangementVersion.Change


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
    locale: str,
    authenticated_at: datetime | None,
    details: Sequence[dict[str, Any]] = (),
    management: Management | None = None,
    grant_id: UUID | None = None,
    may_share_nothing: bool = False,
    stands_on: int | None = None,
) -> Arrangement:
    """Write down what the customer chose; a running arrangement gets a new version.

    `details` are single cases of the scopes; those of a scope that was not chosen fall away.
    `management` says what becomes of the arrangement `grant_id` that runs: the choice is added to
    it (merge), takes its place (replace, and when nothing is said), or a new one does (create).
    Where it `may_share_nothing`, a question about no data begins an arrangement without any, and
    leaves a running one as it is: to sign in once more takes nothing away.
    `stands_on` is the version that ran when the customer was asked, or `NOTHING`: if another one
    runs now, such as a narrower one, the answer is none to what there is.
    """
    require(by, Permission.GIVE_CONSENT, person_id=customer.user_id)
    if not customer.may_meet(client):
        raise WrongEnvironment("The sandbox meets test customers only, and nothing else does.")
    now = timezone.now()
    if not now < ends_at <= now + MAX_PERIOD:
        raise WrongPeriod("Sharing ends at a time that has not passed, within 365 days.")
    lock_customer(customer)
    if not Client.objects.select_related("application__organization").get(pk=client.pk).is_live:
        raise Conflict("This application may not ask for data now.", code="app_not_active")
    shares_nothing = may_share_nothing and not any(use.cluster_code for use in uses)
    items = [] if shares_nothing else items_of(uses, scopes)
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
        details=details_of_items(details, items),
    )
    add_version(arrangement, version, items, kind=kind, by=by, at=now)
    return arrangement


def note_claimed(arrangements: QuerySet[Arrangement], *, at: datetime) -> int:
    """Note that applications took what customers gave them; again changes nothing."""
    return arrangements.filter(claimed_at=None).update(claimed_at=at)


def _running(customer: Customer, client: Client, *, at: datetime) -> Arrangement | None:
    """Return the arrangement that the same customer and client already have, held."""
    found = Arrangement.objects.filter(customer=customer, client=client, status=Status.ACTIVE)
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        return None
    arrangement = locked(pk)
    if arrangement.status == Status.ACTIVE and arrangement.ends_at <= at:
        end(arrangement, Status.EXPIRED, by=SYSTEM, at=at, reason="expired")
    return arrangement if arrangement.status == Status.ACTIVE else None


def _require_unchanged(arrangement: Arrangement | None, stands_on: int | None) -> None:
    """Refuse an answer to a screen that was shown while something else was shared."""
    if stands_on is None:
        return
    runs = NOTHING
    if arrangement is not None:
        runs = arrangement.versions.get(number=arrangement.version_number).pk
    if runs != stands_on:
        raise ChangedSince("What you share with it has changed since this page was opened.")


def _merged(
    arrangement: Arrangement, items: list[Item], details: Sequence[dict[str, Any]]
) -> tuple[list[Item], list[dict[str, Any]]]:
    """Return what was chosen now, and behind it what was shared before."""
    chosen = {item.scope_id for item in items}
    kept = [item for item in current_items(arrangement) if item.scope_id not in chosen]
    earlier = [detail for detail in current_details(arrangement) if detail not in details]
    return items + kept, [*details, *earlier]
