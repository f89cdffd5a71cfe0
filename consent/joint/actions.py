"""What one of several holders decides for all of them: stop an application, or let it go on.

Nobody's consent is rewritten by it. Each call compares what stands (`stopped_for`), so it is obeyed
from the next one on, whichever holder shares the thing, and for shares that begin later.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.holding import locked, tell
from consent.arrangements.models import Arrangement, Customer, JointStop
from consent.arrangements.record import HOLDER
from consent.joint.events import JointEvent
from consent.joint.holders import Joint, NotHeldTogether, arrangements_about, find_joint
from partners.applications.models import Application
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.events.log import record


@transaction.atomic
def stop_for_all(
    customer: Customer, application: Application, *, by: Actor, kind: str, reference: str
) -> JointStop:
    """Let the application see one thing no longer, whoever of its holders shares it.

    Twice is the same as once. Where another holder has stopped it already, nobody is told again.
    """
    require(by, Permission.WITHDRAW_CONSENT, person_id=customer.user_id)
    one = find_joint(customer, kind, reference)
    if one is None:
        raise NotHeldTogether("You hold nothing like this together with others.")
    concerned = _held(one, customer, application)
    standing = JointStop.objects.about(application, kind, reference)
    is_stopped = standing.exists()
    stop, is_new = standing.get_or_create(
        customer=customer,
        application=application,
        kind=kind,
        reference=reference,
        defaults={"set_at": timezone.now()},
    )
    if is_new:
        _note(JointEvent.STOPPED, stop, by=by)
    if not is_stopped:
        _tell(ArrangementEvent.HELD_BACK, concerned, by=by)
    return stop


@transaction.atomic
def let_go_on(
    customer: Customer, application: Application, *, by: Actor, kind: str, reference: str
) -> None:
    """Lift one's own word; what other holders have stopped stays stopped."""
    require(by, Permission.WITHDRAW_CONSENT, person_id=customer.user_id)
    one = find_joint(customer, kind, reference)
    # Who holds it no longer may take back their word; nobody is left to be told of it.
    concerned = _held(one, customer, application) if one else []
    standing = JointStop.objects.about(application, kind, reference)
    stop = standing.select_for_update(no_key=True).filter(customer=customer).first()
    if stop is None:
        return
    stop.lifted_at = timezone.now()
    stop.save(update_fields=["lifted_at"])
    _note(JointEvent.ALLOWED, stop, by=by)
    if not standing.exists():
        _tell(ArrangementEvent.RELEASED, concerned, by=by)


def _held(one: Joint, customer: Customer, application: Application) -> list[Arrangement]:
    """Return all that is shared of the thing with the application, held: one holder at a time."""
    holders = {customer.pk, *one.thing.holders}
    keys = arrangements_about(one, application, holders, at=timezone.now())
    return [locked(pk) for pk in keys]


def _tell(kind: ArrangementEvent, arrangements: list[Arrangement], *, by: Actor) -> None:
    now = timezone.now()
    for arrangement in arrangements:
        if arrangement.is_running(at=now):
            items = current_items(arrangement)
            tell(kind, arrangement, items, by=by, at=now, in_place=HOLDER)


def _note(kind: JointEvent, stop: JointStop, *, by: Actor) -> None:
    """Record it as the holder's own news; which thing it was stays in the row."""
    record(
        kind,
        stop,
        by=by,
        person_id=stop.customer.user_id,
        application=stop.application.slug,
    )
