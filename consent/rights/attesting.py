"""What applications say of what they were asked to do with a person's data."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from consent.rights.actions import locked, note
from consent.rights.events import DataEvent, RequestEvent
from consent.rights.models import DataRequest, Task
from consent.rights.recipients import tell
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Refused

Action, Status = Task.Action, Task.Status
CONFIRMED = {
    Action.DELETE: DataEvent.DELETION_CONFIRMED,
    Action.RESTRICT: DataEvent.RESTRICTION_CONFIRMED,
    Action.RECTIFY: DataEvent.RECTIFICATION_CONFIRMED,
}


class ReasonMissing(Refused):
    code = "exemption_missing"


@transaction.atomic
def acknowledge_task(task: Task, *, by: Actor) -> Task:
    """Note that the recipient knows; knowing twice changes nothing."""
    require(by, Permission.ATTEST_TASK, organization_id=task.application.organization_id)
    task = _locked(task)
    if task.acknowledged_at is None:
        task.acknowledged_at = timezone.now()
        task.save(update_fields=["acknowledged_at"])
    return task


@transaction.atomic
def attest_task(task: Task, *, by: Actor, exemption: str = "", evidence: str = "") -> Task:
    """Note that the recipient did it or, with an exemption, why it need not."""
    require(by, Permission.ATTEST_TASK, organization_id=task.application.organization_id)
    # The request first, as whoever closes the account does.
    request = locked(DataRequest(pk=task.request_id))
    task = _locked(task)
    if exemption and exemption not in Task.Exemption:
        raise ReasonMissing("Choose one of the reasons for which you need not do it.")
    now = timezone.now()
    task.move_to(
        Status.EXEMPT if exemption else Status.DONE,
        closed_at=now,
        acknowledged_at=task.acknowledged_at or now,
        exemption=exemption,
        evidence=evidence,
        attested_by_id=by.person_id,
    )
    tell(CONFIRMED[Action(task.action)], task, by=by, reason=exemption)
    if request.kind == DataRequest.Kind.DELETION and request.is_open:
        _close(request, by=by, is_done=not exemption)
    return task


def _close(request: DataRequest, *, by: Actor, is_done: bool) -> None:
    """End what was asked of this application alone with its answer."""
    status = DataRequest.Status.COMPLETED if is_done else DataRequest.Status.REFUSED
    request.move_to(status, ended_at=timezone.now())
    note(RequestEvent.COMPLETED if is_done else RequestEvent.REFUSED, request, by=by)


def _locked(task: Task) -> Task:
    held = Task.objects.select_for_update(of=("self",))
    return held.select_related("application", "request").get(pk=task.pk)
