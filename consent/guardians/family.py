"""Whose child it is, held together with all that may be given or ended for it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consent.arrangements.holding import lock_customer
from consent.arrangements.models import Customer
from consent.minors.models import Guardianship
from consent.minors.questions import is_minor
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, NotAllowed


class DecidesAlone(Conflict):
    """From their birthday on nobody decides with them any more, whether a job noted it or not."""

    code = "decides_alone"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The support case, by its number, and how the person was recognised there, as a code."""

    case: str
    identity: str


def hold_child(child: User) -> Customer:
    customer = Customer.objects.select_related("user").get(user=child)
    lock_customer(customer)
    return customer


def guardianship_over(child: User, *, by: Actor, at: datetime) -> Guardianship:
    """Return by what right the actor decides with the child, who is held; raise without one.

    Both the link and the age are looked at now: what a page showed counts for nothing.
    """
    live = Guardianship.objects.live().filter(child=child, guardian_id=by.person_id or 0)
    guardianship = live.select_related("child", "guardian").first()
    if guardianship is None:
        raise NotAllowed("You are not linked to this child.")
    require(by, Permission.DECIDE_WITH_CHILD, person_id=guardianship.guardian_id)
    if not is_minor(child, at=at):
        raise DecidesAlone("They are old enough to decide this alone.")
    return guardianship
