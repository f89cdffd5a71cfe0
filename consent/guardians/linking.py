"""What staff keep, with evidence: who decides with a child, and when somebody was born."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from consent.arrangements.models import Customer
from consent.guardians.asking import end_approvals
from consent.guardians.family import Evidence, hold_child
from consent.guardians.growing import after_birth_date, end_as_grown_up
from consent.guardians.stopping import pause_without_guardian
from consent.minors.age import Birth
from consent.minors.events import BirthEvent, GuardianshipEvent
from consent.minors.models import Approval, BirthDate, Guardianship
from consent.minors.questions import birth_of, context_of, is_minor
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, Malformed, NotAllowed
from portal.events import people
from portal.events.log import record

End = Guardianship.End
OLDEST = 130


class NotAChild(Conflict):
    code = "not_a_child"


@transaction.atomic
def begin_guardianship(
    child: Customer, guardian: Customer, *, by: Actor, evidence: Evidence
) -> Guardianship:
    """Let one person decide with another, a child, after staff saw that it is so."""
    require(by, Permission.KEEP_GUARDIANSHIPS)
    _require_other(by, child.user_id, guardian.user_id)
    child = hold_child(child.user)
    now = timezone.now()
    if not is_minor(child.user, at=now):
        raise NotAChild("Nobody decides with who has come of age. Check the date of birth first.")
    if child.pk == guardian.pk or is_minor(guardian.user, at=now) or not guardian.user.is_active:
        raise Malformed("A guardian is another person, grown up, with an account of their own.")
    if child.is_test != guardian.is_test:
        raise Malformed("A test customer and a real one are no family.")
    try:
        with transaction.atomic():
            guardianship = Guardianship.objects.create(
                child=child.user, guardian=guardian.user, begun_in=evidence.case, begun_at=now
            )
    except IntegrityError as error:
        raise Conflict("The two are linked already.") from error
    record(
        GuardianshipEvent.BEGUN,
        guardianship,
        by=by,
        person_id=child.user_id,
        case=evidence.case,
        identity=evidence.identity,
    )
    return guardianship


@transaction.atomic
def end_guardianship(
    guardianship: Guardianship, *, by: Actor, reason: str, evidence: Evidence
) -> Guardianship:
    """End the link; what this guardian answered for is paused from the next call on (T19)."""
    require(by, Permission.KEEP_GUARDIANSHIPS)
    _require_other(by, guardianship.child_id, guardianship.guardian_id)
    if reason not in {End.COURT_ORDER, End.CUSTODY, End.MISTAKE, End.WISH}:
        raise Malformed("Say why it ends.")
    customer = hold_child(guardianship.child)
    held = Guardianship.objects.get(pk=guardianship.pk)
    if held.ended_at is not None:
        raise Conflict("This link has ended already.")
    _end(held, customer, by=by, reason=reason, at=timezone.now(), evidence=evidence)
    return held


@transaction.atomic
def change_birth_date(customer: Customer, *, by: Actor, day: date, evidence: Evidence) -> None:
    """Keep when somebody was born, and draw the consequences at once.

    The log holds that it changed, in which case, and whether this made a child of a grown-up or
    the reverse; no date. The person and their guardians are told.
    """
    require(by, Permission.CHANGE_BIRTH_DATE)
    _require_other(by, customer.user_id)
    customer = hold_child(customer.user)
    now, person = timezone.now(), customer.user
    known = birth_of(person)
    # Where its birthdays begin is settled with the first date: no child moves it by a setting.
    birth = Birth(day, known.zone if known else person.time_zone)
    if not date(now.year - OLDEST, 1, 1) <= day <= now.date():
        raise Malformed("That is no date on which a living person was born.")
    before = _band(person, at=now)
    sealed = people.seal_for(person.pk, str(birth), context=context_of(person))
    BirthDate.objects.update_or_create(person=person, defaults={"sealed": sealed})
    after = _band(person, at=now)
    record(
        BirthEvent.CHANGED,
        customer,
        by=by,
        person_id=person.pk,
        case=evidence.case,
        identity=evidence.identity,
        before=before,
        after=after,
        # Who decided with them until now: the change may end that, and they are told of it.
        guardianships=[str(link.pk) for link in Guardianship.objects.live().filter(child=person)],
    )
    after_birth_date(customer, by=by, at=now)
    if after == "adult":
        end_as_grown_up(customer, by=by, at=now)


def end_with_account(person: User, *, by: Actor) -> None:
    """End every link of somebody who closes their account, in the caller's transaction."""
    links = Guardianship.objects.live().filter(child=person) | Guardianship.objects.live().filter(
        guardian=person
    )
    for link in links.select_related("child").order_by("pk"):
        customer = hold_child(link.child)
        _end(link, customer, by=by, reason=End.ACCOUNT_CLOSED, at=timezone.now())


def _end(
    guardianship: Guardianship,
    customer: Customer,
    *,
    by: Actor,
    reason: str,
    at: datetime,
    evidence: Evidence | None = None,
) -> None:
    """End a link of a child that is held."""
    guardianship.ended_at, guardianship.end_reason = at, reason
    guardianship.ended_in = evidence.case if evidence else ""
    guardianship.save(update_fields=["ended_at", "end_reason", "ended_in"])
    given = Approval.objects.filter(guardianship=guardianship, status=Approval.Status.APPROVED)
    end_approvals(list(given.select_related("client__application")), by=by, at=at)
    paused = pause_without_guardian(customer, guardianship.pk, by=by, at=at)
    record(
        GuardianshipEvent.ENDED,
        guardianship,
        by=by,
        person_id=customer.user_id,
        reason=reason,
        paused=paused,
        case=evidence.case if evidence else "",
        identity=evidence.identity if evidence else "",
    )


def _band(person: User, *, at: datetime) -> str:
    if birth_of(person) is None:
        return "unknown"
    return "child" if is_minor(person, at=at) else "adult"


def _require_other(by: Actor, *people_in_it: int) -> None:
    if by.person_id in people_in_it:
        raise NotAllowed("Somebody else has to do this: it is about you.")
