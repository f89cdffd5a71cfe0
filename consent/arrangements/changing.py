"""What a customer changes on their own pages: always to less."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from consent.arrangements import wording
from consent.arrangements.access import current_items, details_of_items
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.holding import AlreadyEnded, ChangedSince, add_version, end, locked
from consent.arrangements.models import Arrangement, ArrangementVersion
from consent.arrangements.terms import NeededToWork, NotOffered
from portal.access.actors import Actor
from portal.access.permissions import Permission, require

Status = Arrangement.Status
Change = ArrangementVersion.Change


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
        end(arrangement, Status.WITHDRAWN, by=by, at=now, reason="nothing_left")
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
        details=details_of_items(before.details, kept),
    )
    add_version(arrangement, version, kept, kind=ArrangementEvent.NARROWED, by=by, at=now)
    return arrangement
