"""Closing an account, in the order of our promise.

At once, in one transaction: nobody signs in any more, all sharing ends, every recipient is asked to
delete. Then, once all of that has been told: what we hold is erased, the person gets a
certificate, and the key is destroyed without which nobody knows who it was.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from consent.arrangements.ending import withdraw_everything
from consent.arrangements.models import ALL_DATA, Arrangement, Customer, Pseudonym, Reading
from consent.guardians.linking import end_with_account
from consent.minors.models import BirthDate
from consent.oauth import forgetting
from consent.rights import copying, retention, wording
from consent.rights.actions import Kind, Status, locked, note, receive
from consent.rights.events import RequestEvent
from consent.rights.models import Copy, DataRequest, Hold, Task
from consent.rights.recipients import ask_recipients
from partners.organizations.models import Organization
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts import closing as accounts
from portal.accounts.models import StaffRole, User
from portal.errors import Conflict
from portal.events.hints import hint
from portal.events.models import Delivery, Event
from portal.notifications.actions import notify
from portal.notifications.models import Message

# A parked message or an unreachable mailbox does not keep a person's data for ever.
PATIENCE = timedelta(days=3)
CERTIFICATE = "rights/erased"


class HasDuties(Conflict):
    """Others rely on this account: it is handed over before it is closed."""

    code = "has_duties"


@transaction.atomic
def close_account(person: User, *, by: Actor) -> DataRequest:
    """Freeze, withdraw everything, ask every recipient to delete; a job erases what we hold."""
    require(by, Permission.EXERCISE_RIGHTS, person_id=person.pk)
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if has_duties(person):
        raise HasDuties(
            _("You work here for an organisation or for Meridian. Have somebody take over first.")
        )
    if not person.is_active:
        raise Conflict(_("This account is closed already."), code="already_closed")
    request = receive(person, by=by, kind=Kind.ERASURE, is_started=True)
    accounts.freeze(person, by=by)
    _cancel_others(person, request, by=by)
    customer = Customer.objects.select_related("user").filter(user=person).first()
    if customer is not None:
        withdraw_everything(customer, by=by, reason="account_closed")
        end_with_account(person, by=by)
        ask_recipients(
            request, Task.Action.DELETE, customer=customer, cluster_codes=[ALL_DATA], by=by
        )
    transaction.on_commit(_nudge)
    return request


def has_duties(person: User) -> bool:
    works = person.memberships.exclude(organization__status=Organization.Status.CLOSED)
    return works.exists() or StaffRole.objects.filter(user=person).exists()


@transaction.atomic
def place_hold(person: User, *, by: Actor, reason: str) -> Hold:
    """Keep the person's records for now; what was already erased does not come back."""
    require(by, Permission.HOLD_RECORDS)
    hold, is_new = Hold.objects.get_or_create(
        person=person,
        reason=Hold.Reason(reason),
        released_at=None,
        defaults={"placed_by": User.objects.get(pk=by.person_id or 0)},
    )
    if is_new:
        _note_hold(RequestEvent.HELD, hold, by=by)
    return hold


@transaction.atomic
def release_hold(hold: Hold, *, by: Actor) -> None:
    require(by, Permission.HOLD_RECORDS)
    released = Hold.objects.filter(pk=hold.pk, released_at=None).update(released_at=timezone.now())
    if not released:
        raise Conflict("This hold has ended already.")
    _note_hold(RequestEvent.RELEASED, hold, by=by)
    transaction.on_commit(_nudge)


def erase_closed_accounts() -> int:
    """Go on with each erasure as far as it may go now; return how many were completed."""
    open_ones = DataRequest.objects.open().filter(kind=Kind.ERASURE)
    return sum(_go_on(pk) for pk in list(open_ones.values_list("pk", flat=True)))


@transaction.atomic
def _go_on(pk: int) -> bool:
    request = locked(DataRequest(pk=pk))
    person = request.person
    if not request.is_open or Hold.objects.filter(person=person, released_at=None).exists():
        return False
    _withdraw_late_ones(person)
    is_patient = timezone.now() < (request.erased_at or request.received_at) + PATIENCE
    if is_patient and _is_still_telling(person):
        return False
    if request.erased_at is None:
        _erase_records(request)
        return False
    Message.objects.filter(user=person).delete()
    request.move_to(Status.COMPLETED, ended_at=timezone.now())
    note(RequestEvent.COMPLETED, request, by=_themselves(person))
    accounts.erase(person)
    return True


def _erase_records(request: DataRequest) -> None:
    """Erase what we hold but the account itself: its address gets the certificate first."""
    person = request.person
    customer = Customer.objects.filter(user=person).first()
    if customer is not None:
        while retention.fold_readings(Reading.objects.filter(arrangement__customer=customer)):
            pass
        customer.arrangements.update(last_read_at=None)
        Pseudonym.objects.filter(customer=customer).delete()
        BirthDate.objects.filter(person=person).delete()
    forgetting.forget(person)
    accounts.forget_ways_to_sign_in(person)
    Message.objects.filter(user=person).delete()
    request.erased_at = timezone.now()
    request.save(update_fields=["erased_at"])
    with translation.override(person.language):
        context: dict[str, str | int] = {
            "number": request.number,
            "received_at": wording.moment(request.received_at, person.time_zone),
            "erased_at": wording.moment(request.erased_at, person.time_zone),
            "recipients": wording.recipients(request),
        }
    key = f"rights:{request.pk}:certificate"
    notify(person, key=key, template=CERTIFICATE, context=context)


def _is_still_telling(person: User) -> bool:
    """Whether news about the person is on its way: to them, to recipients, to signed-in clients."""
    events = Event.objects.of_person(person.pk)
    waiting = Q(event__in=events.values("pk"), delivered_at=None, parked_at=None)
    mail = Message.objects.filter(
        user=person, sent_at=None, failed_at=None, next_attempt_at__isnull=False
    )
    return (
        Delivery.objects.filter(waiting).exists()
        or mail.exists()
        or forgetting.is_still_telling(person)
    )


def _withdraw_late_ones(person: User) -> None:
    """End what a decision began that was on its way when the account was closed."""
    running = Arrangement.objects.filter(customer__user=person, ended_at=None).first()
    if running is not None:
        withdraw_everything(running.customer, by=_themselves(person), reason="account_closed")


def _cancel_others(person: User, erasure: DataRequest, *, by: Actor) -> None:
    others = DataRequest.objects.open().filter(person=person).exclude(pk=erasure.pk)
    for other in list(others):
        request = locked(other)
        if request.is_open:
            request.move_to(Status.CANCELLED, ended_at=timezone.now())
            note(RequestEvent.CANCELLED, request, by=by, reason="account_closed")
    for copy in Copy.objects.filter(request__person=person):
        copying.remove(copy, by=by)


def _note_hold(kind: RequestEvent, hold: Hold, *, by: Actor) -> None:
    request = DataRequest.objects.filter(person=hold.person, kind=Kind.ERASURE).last()
    if request is not None:
        note(kind, request, by=by, reason=hold.reason)


def _themselves(person: User) -> Actor:
    return Actor(id=f"user:{person.pk}", name="A customer", person_id=person.pk)


def _nudge() -> None:
    hint("consent.rights.tasks.keep_the_clock")
