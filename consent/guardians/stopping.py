"""What a guardian ends for a child, at once, and what goes on after a change of guardian."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from consent.arrangements.access import current_details, current_items
from consent.arrangements.changing import next_version
from consent.arrangements.difference import difference
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.holding import add_version, end, locked, prove, require_running
from consent.arrangements.models import Arrangement, ArrangementVersion, Customer
from consent.arrangements.record import GUARDIAN
from consent.arrangements.vocabulary import GUARDIAN_GONE
from consent.guardians.asking import end_approvals, note
from consent.guardians.family import guardianship_over, hold_child
from consent.minors.age import GRACE
from consent.minors.events import ApprovalEvent
from consent.minors.models import Approval
from consent.minors.questions import comes_of_age_at
from partners.applications.models import Application
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.errors import Conflict

Status = Arrangement.Status
Channel = ArrangementVersion.Channel
Change = ArrangementVersion.Change
IN_PLACE = {"in_place": GUARDIAN}


@transaction.atomic
def stop_sharing(
    child: User, *, by: Actor, application: Application | None = None
) -> list[Arrangement]:
    """End what the child shares with one application, or with all; calls are refused at once.

    What was allowed or asked for ends with it: the child has to ask anew.
    """
    customer = hold_child(child)
    now = timezone.now()
    guardianship_over(child, by=by, at=now)
    running = customer.arrangements.filter(status__in=Arrangement.RUNNING).order_by("pk")
    open_ones = Approval.objects.filter(
        child=child, status__in=[Approval.Status.WAITING, Approval.Status.APPROVED]
    )
    if application is not None:
        running = running.filter(client__application=application)
        open_ones = open_ones.filter(client__application=application)
    end_approvals(list(open_ones.select_related("client__application")), by=by, at=now)
    return [
        end(locked(pk), Status.WITHDRAWN, by=by, at=now, reason=GUARDIAN, facts=IN_PLACE)
        for pk in running.values_list("pk", flat=True)
    ]


@transaction.atomic
def confirm_sharing(arrangement: Arrangement, *, by: Actor) -> Arrangement:
    """Let go on what an earlier guardian allowed and was paused when they were none any more."""
    child = arrangement.customer.user
    hold_child(child)
    now = timezone.now()
    guardianship = guardianship_over(child, by=by, at=now)
    arrangement = locked(arrangement.pk)
    require_running(arrangement, at=now)
    if arrangement.pause_reason != GUARDIAN_GONE:
        raise Conflict("This does not wait for a guardian.")
    before = arrangement.versions.select_related("approval").get(number=arrangement.version_number)
    items = current_items(arrangement)
    scopes = sorted(item.scope.name for item in items)
    earlier = before.approval or Approval(asked=[], signs_in=False)
    end_approvals(_approved(arrangement), by=by, at=now)
    approval = Approval.objects.create(
        child=child,
        client=arrangement.client,
        status=Approval.Status.APPROVED,
        asked=[line for line in earlier.asked if line["scope"] in scopes],
        details=current_details(arrangement),
        signs_in=earlier.signs_in,
        asked_at=now,
        lapses_at=now,
        guardianship=guardianship,
        scopes=scopes,
        ends_at=min(arrangement.ends_at, (comes_of_age_at(child) or now) + GRACE),
        decided_at=now,
    )
    note(ApprovalEvent.APPROVED, approval, by=by, scopes=scopes)
    version = next_version(arrangement, Change.RENEWED, details=current_details(arrangement))
    version.channel, version.approval = Channel.GUARDIAN, approval
    same = difference(items, items)
    kind = ArrangementEvent.RENEWED
    add_version(
        arrangement, version, items, kind=kind, by=by, at=now, difference=same, facts=IN_PLACE
    )
    arrangement.move_to(Status.ACTIVE, paused_at=None, pause_reason="")
    prove(ArrangementEvent.RESUMED, arrangement, by=by, at=now, in_place=GUARDIAN)
    return arrangement


def pause_without_guardian(
    customer: Customer, guardianship_id: object, *, by: Actor, at: datetime
) -> int:
    """Pause what that guardian answered for; the child is held. What was paused stays so (T19)."""
    given = customer.arrangements.given_with_a_guardian()
    paused = 0
    for pk in given.order_by("pk").values_list("pk", flat=True):
        arrangement = locked(pk)
        version = arrangement.versions.select_related("approval").get(
            number=arrangement.version_number
        )
        approval = version.approval
        if not arrangement.is_active(at=at) or approval is None:
            continue
        if approval.guardianship_id != guardianship_id:
            continue
        arrangement.move_to(Status.PAUSED, paused_at=at, pause_reason=GUARDIAN_GONE)
        prove(ArrangementEvent.PAUSED, arrangement, by=by, at=at, in_place=GUARDIAN)
        paused += 1
    return paused


def _approved(arrangement: Arrangement) -> list[Approval]:
    found = Approval.objects.filter(
        child=arrangement.customer.user,
        client=arrangement.client,
        status=Approval.Status.APPROVED,
    )
    return list(found.select_related("client__application"))
