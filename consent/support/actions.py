"""What support may do in a customer's place: end or leave out, with evidence, and never give."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from consent.arrangements.changing import leave_out
from consent.arrangements.holding import end, lock_customer, locked, require_running
from consent.arrangements.models import Arrangement, ArrangementVersion, Customer
from consent.arrangements.record import SUPPORT
from consent.guardians import linking
from consent.guardians.family import Evidence
from consent.minors.models import Guardianship
from consent.support.events import SupportEvent
from consent.support.models import SupportCase
from partners.applications.models import Application
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Malformed, NotAllowed
from portal.events import people
from portal.events.log import Fact, record

LIFETIME = timedelta(minutes=30)
MAX_NOTE = 500
_TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,39}")


class CaseClosed(Conflict):
    """A case lasts as long as a conversation; later it takes another look at who it is."""

    code = "case_closed"


@transaction.atomic
def open_case(
    customer: Customer, *, by: Actor, ticket: str, identity: str, note: str = ""
) -> SupportCase:
    """Write down who asked and how they were recognised; only then may anything be done."""
    require(by, Permission.ACT_FOR_CUSTOMER)
    if by.person_id == customer.user_id:
        raise NotAllowed("Somebody else has to do this: it is about you.")
    if not _TICKET.fullmatch(ticket):
        raise Malformed("The ticket is a code of letters, digits and dashes.")
    if identity not in SupportCase.Identity.values:
        raise Malformed("Say how you know who it is.")
    now = timezone.now()
    words = note.strip()[:MAX_NOTE]
    context = f"support_case:{customer.pk}:{now.isoformat()}"
    case = SupportCase.objects.create(
        customer=customer,
        officer_id=by.person_id or 0,
        ticket=ticket,
        identity=identity,
        sealed_note=people.seal_for(customer.user_id, words, context=context) if words else "",
        opened_at=now,
        closes_at=now + LIFETIME,
    )
    record(
        SupportEvent.OPENED,
        case,
        by=by,
        person_id=customer.user_id,
        case=case.number,
        ticket=ticket,
        identity=identity,
    )
    return case


def note_of(case: SupportCase) -> str:
    """Return what the officer wrote; nobody can once the customer is erased."""
    if not case.sealed_note:
        return ""
    context = f"support_case:{case.customer_id}:{case.opened_at.isoformat()}"
    return people.unseal_for(case.customer.user_id, case.sealed_note, context=context)


@transaction.atomic
def stop_for(
    case: SupportCase, *, by: Actor, application: Application | None = None
) -> list[Arrangement]:
    """End what the customer shares with one application, or with all, as they asked."""
    now = _hold(case, by=by)
    running = case.customer.arrangements.filter(status__in=Arrangement.RUNNING).order_by("pk")
    if application is not None:
        running = running.filter(client__application=application)
    facts = _facts(case)
    return [
        end(
            locked(pk),
            Arrangement.Status.WITHDRAWN,
            by=by,
            at=now,
            reason=SUPPORT,
            facts=facts,
        )
        for pk in running.values_list("pk", flat=True)
    ]


@transaction.atomic
def leave_out_for(
    case: SupportCase,
    arrangement: Arrangement,
    *,
    by: Actor,
    keep: Collection[str],
    seen_version: int | None = None,
) -> Arrangement:
    """Leave out what the customer no longer wants to share; nothing can be added here."""
    now = _hold(case, by=by)
    arrangement = locked(arrangement.pk)
    if arrangement.customer_id != case.customer_id:
        raise NotAllowed("This is about another customer.")
    require_running(arrangement, at=now, seen=seen_version)
    channel = ArrangementVersion.Channel.SUPPORT
    return leave_out(arrangement, by=by, keep=keep, at=now, channel=channel, facts=_facts(case))


@transaction.atomic
def change_birth_date_in(case: SupportCase, *, by: Actor, day: date) -> None:
    _hold(case, by=by)
    linking.change_birth_date(case.customer, by=by, day=day, evidence=_evidence(case))


@transaction.atomic
def begin_guardianship_in(case: SupportCase, guardian: Customer, *, by: Actor) -> Guardianship:
    _hold(case, by=by)
    return linking.begin_guardianship(case.customer, guardian, by=by, evidence=_evidence(case))


@transaction.atomic
def end_guardianship_in(
    case: SupportCase, guardianship: Guardianship, *, by: Actor, reason: str
) -> Guardianship:
    _hold(case, by=by)
    if guardianship.child_id != case.customer.user_id:
        raise NotAllowed("This is about another customer.")
    return linking.end_guardianship(guardianship, by=by, reason=reason, evidence=_evidence(case))


def _hold(case: SupportCase, *, by: Actor) -> datetime:
    """Hold the customer for who opened the case, while it is open; return what time it is."""
    require(by, Permission.ACT_FOR_CUSTOMER)
    if case.officer_id != by.person_id:
        raise NotAllowed("Somebody else opened this case. Check who it is, and open your own.")
    lock_customer(case.customer)
    now = timezone.now()
    if case.closes_at <= now:
        raise CaseClosed("This case has closed. Check once more who it is, and open another.")
    return now


def _facts(case: SupportCase) -> dict[str, Fact]:
    return {"in_place": SUPPORT, "case": case.number, "identity": case.identity}


def _evidence(case: SupportCase) -> Evidence:
    return Evidence(case=case.number, identity=case.identity)
