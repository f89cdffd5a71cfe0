"""What applications that got a person's data are asked to do, and when we ask again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from consent.arrangements.models import ALL_DATA, Arrangement, Customer
from consent.arrangements.pseudonyms import pseudonym_of
from consent.rights import clock
from consent.rights.events import DataEvent
from consent.rights.models import DataRequest, Task
from partners.applications.models import Application
from partners.webhooks.models import Message
from portal.access.actors import SYSTEM, Actor
from portal.events.log import record
from portal.events.models import subject_of

Action, Status = Task.Action, Task.Status
ASKED = {
    Action.DELETE: DataEvent.DELETION_REQUESTED,
    Action.RESTRICT: DataEvent.RESTRICTED,
    Action.RECTIFY: DataEvent.RECTIFIED,
}
OVERDUE = {
    Action.DELETE: DataEvent.DELETION_OVERDUE,
    Action.RESTRICT: DataEvent.RESTRICTION_OVERDUE,
    Action.RECTIFY: DataEvent.RECTIFICATION_OVERDUE,
}
UNACKNOWLEDGED = {
    Action.DELETE: DataEvent.DELETION_UNACKNOWLEDGED,
    Action.RESTRICT: DataEvent.RESTRICTION_UNACKNOWLEDGED,
    Action.RECTIFY: DataEvent.RECTIFICATION_UNACKNOWLEDGED,
}


def recipients_of(customer: Customer, cluster_codes: Collection[str]) -> list[Application]:
    """Return who may read that data of the customer now, or has read it."""
    mine = Arrangement.objects.filter(customer=customer)
    if ALL_DATA in cluster_codes:
        had = mine.all()
    else:
        wanted = list(cluster_codes)
        live = Q(ended_at=None, versions__items__cluster__code__in=wanted)
        read = Q(readings__cluster_codes__has_any_keys=wanted)
        had = mine.filter(live | read | Q(disclosures__cluster_code__in=wanted))
    found = Application.objects.filter(clients__arrangements__in=had.values("pk"))
    return list(found.distinct().order_by("pk"))


def ask_recipients(
    request: DataRequest,
    action: Task.Action,
    *,
    customer: Customer,
    cluster_codes: Collection[str],
    by: Actor,
) -> list[Task]:
    """Write a task for each recipient and tell it, in the caller's transaction."""
    return [
        ask_application(
            request,
            action,
            application=application,
            customer=customer,
            cluster_codes=cluster_codes,
            by=by,
        )
        for application in recipients_of(customer, cluster_codes)
    ]


def ask_application(
    request: DataRequest,
    action: Task.Action,
    *,
    application: Application,
    customer: Customer,
    cluster_codes: Collection[str],
    by: Actor,
) -> Task:
    """Write a task for one recipient and tell it, in the caller's transaction."""
    now = timezone.now()
    task = Task.objects.create(
        request=request,
        application=application,
        action=action,
        subject=pseudonym_of(customer, application),
        cluster_codes=sorted(cluster_codes),
        created_at=now,
        due_at=now + clock.CONTRACT_PERIOD,
    )
    tell(ASKED[action], task, by=by)
    return task


def write_down_overdue() -> int:
    """Write down which tasks the clock has made late; return how many."""
    late = Task.objects.filter(status=Status.PENDING, due_at__lte=timezone.now())
    return sum(_make_overdue(pk) for pk in list(late.values_list("pk", flat=True)))


def escalate_unacknowledged() -> int:
    """Tell people of recipients that do not even say that they know; return how many."""
    before = timezone.now() - clock.ACKNOWLEDGED_WITHIN
    silent = Task.objects.open().filter(
        acknowledged_at=None, escalated_at=None, created_at__lte=before
    )
    return sum(_escalate(pk) for pk in list(silent.values_list("pk", flat=True)))


@transaction.atomic
def _make_overdue(pk: int) -> bool:
    now = timezone.now()
    task = Task.objects.select_for_update().select_related("application", "request").get(pk=pk)
    if task.status != Status.PENDING or task.due_at > now:
        return False
    task.move_to(Status.OVERDUE, overdue_at=now, attempt_count=task.attempt_count + 1)
    tell(OVERDUE[Action(task.action)], task, by=SYSTEM)
    return True


@transaction.atomic
def _escalate(pk: int) -> bool:
    now = timezone.now()
    task = Task.objects.select_for_update().select_related("application", "request").get(pk=pk)
    if task.acknowledged_at is not None or task.escalated_at is not None or not task.is_open:
        return False
    if heard_at := _heard_at(task):
        task.acknowledged_at = heard_at
        task.save(update_fields=["acknowledged_at"])
        return False
    task.escalated_at, task.attempt_count = now, task.attempt_count + 1
    task.save(update_fields=["escalated_at", "attempt_count"])
    tell(UNACKNOWLEDGED[Action(task.action)], task, by=SYSTEM)
    return True


def _heard_at(task: Task) -> datetime | None:
    """Return when a program of the recipient took our message, which is as good as a person."""
    took = Message.objects.filter(
        event__subject=subject_of(task),
        event__kind=ASKED[Action(task.action)],
        status=Message.Status.DELIVERED,
    )
    return took.values_list("attempts__started_at", flat=True).order_by("attempts__number").last()


def tell(kind: DataEvent, task: Task, *, by: Actor, reason: str = "") -> None:
    record(
        kind,
        task,
        by=by,
        organization_id=task.application.organization_id,
        person_id=task.request.person_id,
        application=task.application.slug,
        task=str(task.public_id),
        subject_id=str(task.subject),
        clusters=task.cluster_codes,
        due_at=task.due_at.astimezone(UTC).isoformat(timespec="seconds"),
        reason=reason,
    )
