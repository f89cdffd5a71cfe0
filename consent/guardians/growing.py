"""What becomes of a guardian's yes when the child comes of age (T18), or turns out to be none.

Nothing here is needed for it to take effect: what a guardian allows ends ninety days after the
birthday at the latest, and from the birthday on no guardian decides, by comparing instants.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.arrangements.changing import ask_again
from consent.arrangements.holding import end, locked
from consent.arrangements.models import Arrangement, Customer
from consent.arrangements.vocabulary import OF_AGE
from consent.guardians.asking import end_approvals
from consent.guardians.family import hold_child
from consent.guardians.stopping import pause_without_guardian
from consent.minors.age import GRACE
from consent.minors.events import GuardianshipEvent
from consent.minors.models import Approval, Guardianship
from consent.minors.questions import comes_of_age_at, kept_from
from portal.access.actors import SYSTEM, Actor
from portal.accounts.models import User
from portal.events.log import record

Status = Arrangement.Status
# Why somebody's yes does not count, even with a guardian.
TOO_YOUNG = "too_young"
# Why a child's own yes does not count.
WITHOUT_GUARDIAN = "minor_without_guardian"


def ask_who_came_of_age() -> int:
    """Ask young adults anew, and tell who decided with them; return how many people that were."""
    now = timezone.now()
    links = Guardianship.objects.live().values_list("child", flat=True)
    given = Arrangement.objects.given_with_a_guardian().filter(reconsent_by=None)
    children = {*links, *given.values_list("customer__user", flat=True)}
    grown_up = 0
    for child in User.objects.filter(pk__in=children).order_by("pk"):
        instant = comes_of_age_at(child)
        if instant is None or now < instant:
            continue
        with transaction.atomic():
            end_as_grown_up(hold_child(child), by=SYSTEM, at=now)
        grown_up += 1
    return grown_up


def end_as_grown_up(customer: Customer, *, by: Actor, at: datetime) -> None:
    """Ask anew about what a guardian allowed, and end who decided with them; the person is held.

    A date of birth that was wrong for years leaves the same ninety days, from now.
    """
    came_of_age_at = comes_of_age_at(customer.user) or at
    deadline = came_of_age_at + GRACE
    if deadline <= at:
        deadline = at + GRACE
    for arrangement in customer.arrangements.given_with_a_guardian().order_by("pk"):
        ask_again(arrangement, by=by, deadline=deadline, notice=OF_AGE)
    open_ones = Approval.objects.filter(
        child=customer.user, status__in=[Approval.Status.WAITING, Approval.Status.APPROVED]
    )
    end_approvals(list(open_ones.select_related("client__application")), by=by, at=at)
    for link in Guardianship.objects.live().filter(child=customer.user).order_by("pk"):
        link.ended_at, link.end_reason = at, Guardianship.End.OF_AGE
        link.save(update_fields=["ended_at", "end_reason"])
        record(
            GuardianshipEvent.ENDED,
            link,
            by=by,
            person_id=customer.user_id,
            reason=link.end_reason,
            paused=0,
        )


def after_birth_date(customer: Customer, *, by: Actor, at: datetime) -> None:
    """End what a child agreed to alone (T20), and let nothing outlast the grace; both are held."""
    _end_what_is_for_others(customer, by=by, at=at)
    instant = comes_of_age_at(customer.user)
    if instant is None or instant <= at:
        return
    limit = instant + GRACE
    Approval.objects.filter(
        child=customer.user, status=Approval.Status.APPROVED, ends_at__gt=limit
    ).update(ends_at=limit)
    with_guardian = set(customer.arrangements.given_with_a_guardian().values_list("pk", flat=True))
    running = customer.arrangements.filter(status__in=Arrangement.RUNNING).order_by("pk")
    for pk in running.values_list("pk", flat=True):
        arrangement = locked(pk)
        if pk not in with_guardian:
            end(arrangement, Status.INVALIDATED, by=by, at=at, reason=WITHOUT_GUARDIAN)
        elif arrangement.ends_at > limit:
            arrangement.ends_at = limit
            arrangement.save(update_fields=["ends_at"])
    # Who was grown up for a while has guardians no more who could answer for what they allowed.
    former = Guardianship.objects.filter(child=customer.user, ended_at__isnull=False)
    for link in former.order_by("pk"):
        pause_without_guardian(customer, link.pk, by=by, at=at)


def _end_what_is_for_others(customer: Customer, *, by: Actor, at: datetime) -> None:
    """End what rests on data that somebody of this age shares with nobody."""
    running = customer.arrangements.filter(status__in=Arrangement.RUNNING).order_by("pk")
    for pk in running.values_list("pk", flat=True):
        arrangement = locked(pk)
        wanted = [(item.scope.name, item.cluster) for item in current_items(arrangement)]
        if kept_from(customer.user, wanted, at=at):
            end(arrangement, Status.INVALIDATED, by=by, at=at, reason=TOO_YOUNG)
