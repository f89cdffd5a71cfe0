"""What a guardian answers: yes to some of it and for how long, or no."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from consent.arrangements.periods import ONCE, Period, periods_for
from consent.arrangements.terms import NeededToWork, NotOffered
from consent.guardians.asking import end_approvals, note
from consent.guardians.family import guardianship_over, hold_child
from consent.minors.age import GRACE
from consent.minors.events import ApprovalEvent
from consent.minors.models import Approval, Guardianship
from consent.minors.questions import comes_of_age_at, uses_in
from portal.access.actors import Actor
from portal.errors import Conflict, Malformed

Status = Approval.Status


class AlreadyAnswered(Conflict):
    code = "already_answered"


def periods_of(approval: Approval, *, at: datetime) -> list[Period]:
    """Return for how long it may be allowed, the shortest first, never far into being grown up."""
    limit = (comes_of_age_at(approval.child) or at) + GRACE
    offered = [one for one in periods_for(uses_in(approval.asked), at=at) if one.code != ONCE]
    return [replace(one, ends_at=min(one.ends_at, limit)) for one in offered]


@transaction.atomic
def approve(approval: Approval, *, by: Actor, scopes: Collection[str], period: str) -> Approval:
    """Allow the child to agree to these, which are some of what was asked, until the period ends.

    Nothing is shared by it: the child still decides, when the application asks the next time.
    """
    approval, guardianship, now = _held(approval, by=by)
    asked = {line["scope"]: line for line in approval.asked}
    if unknown := set(scopes) - set(asked):
        raise NotOffered(f"Nobody asked for {', '.join(sorted(unknown))}.")
    if any(line["is_required"] and scope not in scopes for scope, line in asked.items()):
        raise NeededToWork("The app cannot work without this. You can say no to all of it.")
    chosen = {one.code: one for one in periods_of(approval, at=now)}.get(period)
    if chosen is None:
        raise Malformed("Choose for how long.")
    earlier = Approval.objects.filter(
        child=approval.child_id, client=approval.client_id, status=Status.APPROVED
    )
    end_approvals(list(earlier.select_related("client__application")), by=by, at=now)
    approval.move_to(
        Status.APPROVED,
        guardianship=guardianship,
        scopes=sorted(scopes),
        ends_at=chosen.ends_at,
        decided_at=now,
    )
    note(
        ApprovalEvent.APPROVED,
        approval,
        by=by,
        scopes=sorted(scopes),
        ends_at=chosen.ends_at.astimezone(UTC).isoformat(),
    )
    return approval


@transaction.atomic
def refuse(approval: Approval, *, by: Actor) -> Approval:
    approval, guardianship, now = _held(approval, by=by)
    approval.move_to(Status.REFUSED, guardianship=guardianship, decided_at=now)
    note(ApprovalEvent.REFUSED, approval, by=by)
    return approval


def _held(approval: Approval, *, by: Actor) -> tuple[Approval, Guardianship, datetime]:
    """Return the question as it is now, the right to answer it, and when that is."""
    hold_child(approval.child)
    now = timezone.now()
    guardianship = guardianship_over(approval.child, by=by, at=now)
    found = Approval.objects.select_related("child", "client__application__organization")
    approval = found.get(pk=approval.pk)
    if approval.status != Status.WAITING or approval.lapses_at <= now:
        raise AlreadyAnswered("This has been answered already, or nobody waits for it any more.")
    return approval, guardianship, now
