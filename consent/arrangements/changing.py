"""What a customer changes on their own pages, always to less, and what they are asked again."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from consent.arrangements import wording
from consent.arrangements.access import current_details, current_items, details_of_items
from consent.arrangements.children import require_guardian
from consent.arrangements.difference import difference
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.holding import add_version, end, locked, prove, require_running, tell
from consent.arrangements.models import Arrangement, ArrangementVersion
from consent.arrangements.terms import NeededToWork, NotOffered
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Malformed, Refused
from portal.events.log import Fact

Status = Arrangement.Status
Change = ArrangementVersion.Change
Channel = ArrangementVersion.Channel


class NotShorter(Refused):
    """An end that is not between now and the end that was agreed to."""

    code = "not_shorter"


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
    require_running(arrangement, at=now, seen=seen_version)
    return leave_out(arrangement, by=by, keep=keep, at=now)


@transaction.atomic
def shorten_arrangement(
    arrangement: Arrangement, *, by: Actor, ends_at: datetime, seen_version: int | None = None
) -> Arrangement:
    """Let it end earlier than was agreed to; tokens that are out end with it."""
    arrangement = locked(arrangement.pk)
    require(by, Permission.WITHDRAW_CONSENT, person_id=arrangement.customer.user_id)
    now = timezone.now()
    require_running(arrangement, at=now, seen=seen_version)
    if not now < ends_at < arrangement.ends_at:
        raise NotShorter("Choose an end between now and the one that you agreed to.")
    items = current_items(arrangement)
    version = next_version(arrangement, Change.SHORTENED, details=current_details(arrangement))
    arrangement.ends_at = ends_at
    what = difference(items, items)
    kind = ArrangementEvent.SHORTENED
    add_version(arrangement, version, items, kind=kind, by=by, at=now, difference=what)
    return arrangement


@transaction.atomic
def pause_arrangement(arrangement: Arrangement, *, by: Actor) -> Arrangement:
    """Let nothing be read until it is resumed; its clock runs on. Twice is the same as once."""
    arrangement = locked(arrangement.pk)
    require(by, Permission.WITHDRAW_CONSENT, person_id=arrangement.customer.user_id)
    now = timezone.now()
    require_running(arrangement, at=now)
    if arrangement.status == Status.ACTIVE:
        arrangement.move_to(Status.PAUSED, paused_at=now)
        prove(ArrangementEvent.PAUSED, arrangement, by=by, at=now)
    return arrangement


@transaction.atomic
def resume_arrangement(arrangement: Arrangement, *, by: Actor) -> Arrangement:
    """Let it be read again, by the tokens that are out; only the customer may.

    A child needs a guardian who allows it now.
    """
    arrangement = locked(arrangement.pk)
    require(by, Permission.GIVE_CONSENT, person_id=arrangement.customer.user_id)
    now = timezone.now()
    require_running(arrangement, at=now)
    if arrangement.status == Status.PAUSED:
        require_guardian(arrangement, at=now)
        arrangement.move_to(Status.ACTIVE, paused_at=None, pause_reason="")
        prove(ArrangementEvent.RESUMED, arrangement, by=by, at=now)
    return arrangement


@transaction.atomic
def ask_again(
    arrangement: Arrangement, *, by: Actor, deadline: datetime, notice: str
) -> Arrangement:
    """Have the customer agree anew by the deadline, or sharing ends then; what is shared goes on.

    `notice` is the code of what changed. A later deadline than one that was set changes nothing,
    and so does asking about what has ended: a campaign may call this as often as it likes.
    """
    require(by, Permission.ASK_AGAIN)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.@-]{1,59}", notice):
        raise Malformed("The notice is a code of small letters, such as “terms@3”.")
    arrangement = locked(arrangement.pk)
    now = timezone.now()
    if deadline <= now:
        raise Malformed("Give the customer time: the deadline has passed.")
    is_asked = arrangement.reconsent_by is not None and arrangement.reconsent_by <= deadline
    if not arrangement.is_running(at=now) or is_asked:
        return arrangement
    arrangement.reconsent_by, arrangement.reconsent_notice = deadline, notice
    arrangement.ends_at = min(arrangement.ends_at, deadline)
    arrangement.save(update_fields=["reconsent_by", "reconsent_notice", "ends_at"])
    tell(
        ArrangementEvent.RECONSENT_REQUIRED,
        arrangement,
        current_items(arrangement),
        by=by,
        at=now,
        notice=notice,
        deadline=deadline.astimezone(UTC).isoformat(),
    )
    return arrangement


def leave_out(
    arrangement: Arrangement,
    *,
    by: Actor,
    keep: Collection[str],
    at: datetime,
    channel: Channel = Channel.WEB,
    facts: Mapping[str, Fact] | None = None,
) -> Arrangement:
    """Leave scopes out of an arrangement that is held; whether `by` may is for the caller.

    `facts` say in whose place it was done, where it was not the customer's own page.
    """
    items = current_items(arrangement)
    if unknown := frozenset(keep) - {item.scope.name for item in items}:
        raise NotOffered(f"{', '.join(sorted(unknown))} is not shared now, so it cannot be kept.")
    kept = [item for item in items if item.scope.name in keep]
    if not kept:
        return end(arrangement, Status.WITHDRAWN, by=by, at=at, reason="nothing_left", facts=facts)
    if any(item.is_required and item not in kept for item in items):
        raise NeededToWork("It cannot work without this. You can stop sharing altogether.")
    if len(kept) == len(items):
        return arrangement
    what = difference(items, kept)
    version = next_version(
        arrangement,
        Change.NARROWED,
        notice=lambda notice: wording.narrowed_notice(notice, frozenset(keep)),
        details=details_of_items(current_details(arrangement), kept),
    )
    version.channel = channel
    kind = ArrangementEvent.NARROWED
    add_version(arrangement, version, kept, kind=kind, by=by, at=at, difference=what, facts=facts)
    return arrangement


def next_version(
    arrangement: Arrangement,
    change: Change,
    *,
    details: list[dict[str, Any]],
    notice: Callable[[Mapping[str, Any]], dict[str, Any]] = dict,
) -> ArrangementVersion:
    """Return a version that says the same in other bounds."""
    before = arrangement.versions.get(number=arrangement.version_number)
    return ArrangementVersion(
        change=change,
        notice=notice(before.notice),
        locale=before.locale,
        channel=Channel.WEB,
        approval=before.approval,
        details=details,
    )
