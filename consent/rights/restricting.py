"""Data that is kept and not used: set at once, lifted by the person or, told before, by staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from consent.arrangements.holding import lock_customer
from consent.arrangements.models import ALL_DATA, Customer
from consent.rights import clock
from consent.rights.actions import Kind, Status, known_clusters, locked, note, receive
from consent.rights.events import DataEvent, RequestEvent
from consent.rights.models import DataRequest, Restriction, Task
from consent.rights.recipients import ask_recipients, tell
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Malformed, NotAllowed

# Requests during which staff may stop the use of the data (Art. 18(1)(a) and (d)).
PAUSED_MEANWHILE = (Kind.RECTIFICATION, Kind.OBJECTION)


@transaction.atomic
def restrict(customer: Customer, *, by: Actor, cluster_codes: Sequence[str]) -> Restriction:
    """Stop the use of some data, or of all (`ALL_DATA`), at the next call; nothing else changes."""
    known_clusters(cluster_codes, may_be_all=True)
    lock_customer(customer)
    request = receive(
        customer.user, by=by, kind=Kind.RESTRICTION, cluster_codes=cluster_codes, is_started=True
    )
    restriction = _set(request, customer, cluster_codes, by=by)
    request.move_to(Status.COMPLETED, ended_at=timezone.now())
    note(RequestEvent.COMPLETED, request, by=by)
    return restriction


@transaction.atomic
def restrict_meanwhile(request: DataRequest, *, by: Actor) -> Restriction:
    """Stop the use of what a request is about while staff look into it."""
    require(by, Permission.ANSWER_RIGHTS)
    customer = Customer.objects.filter(user_id=request.person_id).first()
    if customer is None or request.kind not in PAUSED_MEANWHILE:
        raise Malformed("There is nothing to pause for this request.")
    lock_customer(customer)
    request = locked(request)
    if not request.is_open:
        raise Conflict("This request is closed.")
    if Restriction.objects.filter(request=request).exists():
        raise Conflict("The use of this data is paused already.")
    return _set(request, customer, request.cluster_codes or [ALL_DATA], by=by)


@transaction.atomic
def lift(restriction: Restriction, *, by: Actor) -> Restriction:
    """Let the data be used again, because its person says so."""
    require(by, Permission.EXERCISE_RIGHTS, person_id=restriction.customer.user_id)
    return _lift(restriction, by=by)


@transaction.atomic
def announce_lifting(restriction: Restriction, *, by: Actor) -> datetime:
    """Tell the person that it will be lifted, and when (Art. 18(3)); until then nothing changes."""
    require(by, Permission.ANSWER_RIGHTS)
    held = _locked(restriction)
    if held.request.kind == Kind.RESTRICTION:
        raise NotAllowed("Only who asked for this pause ends it.")
    if held.lifted_at is not None or held.lifts_at is not None:
        raise Conflict("Its end is set already.")
    held.told_at = timezone.now()
    held.lifts_at = held.told_at + clock.TOLD_BEFORE
    held.save(update_fields=["told_at", "lifts_at"])
    note(RequestEvent.LIFTING, held.request, by=by)
    return held.lifts_at


def lift_due() -> int:
    """Lift what was announced and is due; until the job runs the data stays unused."""
    due = Restriction.objects.filter(lifts_at__lte=timezone.now(), lifted_at=None)
    found = list(due.select_related("customer__user", "request"))
    for restriction in found:
        with transaction.atomic():
            _lift(restriction, by=SYSTEM)
    return len(found)


def _set(
    request: DataRequest, customer: Customer, cluster_codes: Sequence[str], *, by: Actor
) -> Restriction:
    restriction = Restriction.objects.create(
        request=request,
        customer=customer,
        cluster_codes=sorted(cluster_codes),
        set_at=timezone.now(),
    )
    _write(customer)
    ask_recipients(
        request, Task.Action.RESTRICT, customer=customer, cluster_codes=cluster_codes, by=by
    )
    return restriction


def _lift(restriction: Restriction, *, by: Actor) -> Restriction:
    lock_customer(restriction.customer)
    held = _locked(restriction)
    if held.lifted_at is not None:
        return held
    held.lifted_at = timezone.now()
    held.save(update_fields=["lifted_at"])
    _write(held.customer)
    note(RequestEvent.LIFTED, held.request, by=by)
    tasks = Task.objects.filter(request=held.request, action=Task.Action.RESTRICT)
    for task in tasks.select_related("application", "request"):
        if task.is_open:
            task.move_to(Task.Status.MOOT, closed_at=held.lifted_at)
        tell(DataEvent.RESTRICTION_LIFTED, task, by=by)
    return held


def _write(customer: Customer) -> None:
    """Say to the gateway what all restrictions together come to; the customer is held."""
    codes: set[str] = set()
    for restriction in Restriction.objects.filter(customer=customer, lifted_at=None):
        codes.update(restriction.cluster_codes)
    Customer.objects.filter(pk=customer.pk).update(restricted=sorted(codes))


def _locked(restriction: Restriction) -> Restriction:
    held = Restriction.objects.select_for_update(of=("self",))
    return held.select_related("customer__user", "request").get(pk=restriction.pk)
