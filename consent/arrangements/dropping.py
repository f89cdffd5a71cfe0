"""What a customer takes back of the things that they picked: one of them, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from consent.arrangements import wording
from consent.arrangements.access import current_details, current_items, details_of_items
from consent.arrangements.changing import Change, Status, next_version
from consent.arrangements.difference import difference
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.holding import add_version, end, locked, require_running
from consent.arrangements.models import Arrangement, Item
from consent.arrangements.terms import NeededToWork, NotOffered
from portal.access.actors import Actor
from portal.access.permissions import Permission, require


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left once a thing is dropped, and which kinds of data go with the last of them."""

    kept: Sequence[Item]
    gone: Sequence[Item]

    @property
    def ends_all(self) -> bool:
        """Whether nothing can go on: all of it is gone, or something that the app needs."""
        return not self.kept or any(item.is_required for item in self.gone)


def outcome_of(items: Sequence[Item], kind: str, reference: str) -> Outcome:
    """Take the thing out of every item that is about it; raise where none is."""
    held = [item for item in items if item.cluster.resources.get("kind") == kind]
    if not any(reference in (item.resources or ()) for item in held):
        raise NotOffered("This is not shared now, so it cannot be taken back.")
    for item in held:
        item.resources = [one for one in item.resources or () if one != reference]
    gone = [item for item in held if not item.resources]
    return Outcome([item for item in items if item not in gone], gone)


@transaction.atomic
def drop_resource(
    arrangement: Arrangement,
    *,
    by: Actor,
    kind: str,
    reference: str,
    seen_version: int | None = None,
    may_end: bool = False,
) -> Arrangement:
    """Share one thing less from now on; tokens that are out lose it with the next call.

    The last thing of some data takes that data with it. Where the application cannot work without
    it all sharing ends, which only happens to who was told so (`may_end`).
    """
    arrangement = locked(arrangement.pk)
    require(by, Permission.WITHDRAW_CONSENT, person_id=arrangement.customer.user_id)
    now = timezone.now()
    require_running(arrangement, at=now, seen=seen_version)
    before = current_items(arrangement)
    left = outcome_of(current_items(arrangement), kind, reference)
    if left.ends_all:
        if not may_end:
            raise NeededToWork("It cannot work without this. You can stop sharing altogether.")
        reason = "customer" if left.kept else "nothing_left"
        return end(arrangement, Status.WITHDRAWN, by=by, at=now, reason=reason)
    kept = {item.scope.name for item in left.kept}
    version = next_version(
        arrangement,
        Change.NARROWED,
        notice=lambda notice: wording.narrowed_notice(notice, kept),
        details=details_of_items(current_details(arrangement), left.kept),
    )
    what = difference(before, left.kept)
    kind_ = ArrangementEvent.NARROWED
    add_version(arrangement, version, left.kept, kind=kind_, by=by, at=now, difference=what)
    return arrangement
