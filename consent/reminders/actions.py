"""Say in time what ends, and from time to time what is shared. Nothing ends or goes on by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import (
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.arrangements.holding import locked, tell
from consent.arrangements.models import Arrangement, ArrangementQuerySet, Customer
from consent.reminders.events import ReminderEvent
from consent.reminders.models import Reminder, Rhythm
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.events.log import record

# From the nearest on: who comes late announces that alone.
STEPS = (1, 7, 30)
BATCH = 500
MONTH, QUARTER = Value(int(Rhythm.FirstDays.MONTH)), Value(int(Rhythm.SummaryDays.QUARTER))
A_DAY = Value(timedelta(days=1))


@transaction.atomic
def choose_rhythm(customer: Customer, *, by: Actor, first_days: int, summary_days: int) -> Rhythm:
    """Keep how the customer wants to be reminded, from now on."""
    require(by, Permission.CHOOSE_REMINDERS, person_id=customer.user_id)
    rhythm, _ = Rhythm.objects.update_or_create(
        customer=customer, defaults={"first_days": first_days, "summary_days": summary_days}
    )
    record(
        ReminderEvent.CHOSEN,
        rhythm,
        by=by,
        person_id=customer.user_id,
        first_days=first_days,
        summary_days=summary_days,
    )
    return rhythm


def announce_endings() -> int:
    """Announce each end that has come near, the nearest step once; return how many.

    A run that comes late announces the step that fits now and none that has passed: nobody gets
    three mails because a machine stood still.
    """
    now = timezone.now()
    announced = 0
    for days in STEPS:
        for pk in list(_near(days, at=now).values_list("pk", flat=True)[:BATCH]):
            announced += _announce(pk, days=days, at=now)
    return announced


def sum_up() -> int:
    """Tell each customer who shares something what it is, in their rhythm; return how many."""
    now = timezone.now()
    pks = list(_to_sum_up(at=now).values_list("pk", flat=True)[:BATCH])
    return sum(_sum_up(pk, at=now) for pk in pks)


def _near(days: int, *, at: datetime) -> ArrangementQuerySet:
    """Return what ends within so many days, was to last longer than that, and is not announced.

    Who was reminded closer to the end already, or wants to hear only then, is left out.
    """
    said = Reminder.objects.filter(
        arrangement=OuterRef("pk"), ends_at=OuterRef("ends_at"), days__lte=days
    )
    rhythms = Rhythm.objects.filter(customer=OuterRef("customer"))
    step = timedelta(days=days)
    return (
        Arrangement.objects.running(at=at)
        .filter(~Exists(said), ends_at__lte=at + step, ends_at__gt=F("given_at") + step)
        .alias(first_days=Coalesce(Subquery(rhythms.values("first_days")[:1]), MONTH))
        .filter(first_days__gte=days)
        .order_by("ends_at", "pk")
    )


@transaction.atomic
def _announce(pk: UUID, *, days: int, at: datetime) -> bool:
    arrangement = locked(pk)
    if not _near(days, at=at).filter(pk=pk).exists():
        return False  # It has ended, or changed, or another worker was here.
    Reminder.objects.create(arrangement=arrangement, ends_at=arrangement.ends_at, days=days)
    tell(
        ReminderEvent.EXPIRING,
        arrangement,
        current_items(arrangement),
        by=SYSTEM,
        at=at,
        days_left=days,
    )
    return True


def _to_sum_up(*, at: datetime) -> QuerySet[Customer]:
    """Return who shares something and was told what, or began to share, long enough ago."""
    running = Arrangement.objects.running(at=at).filter(customer=OuterRef("pk"))
    rhythms = Rhythm.objects.filter(customer=OuterRef("pk"))
    every = Coalesce(Subquery(rhythms.values("summary_days")[:1]), QUARTER)
    first = running.order_by("given_at").values("given_at")[:1]
    last = Greatest(Subquery(rhythms.values("summed_up_at")[:1]), Subquery(first))
    return (
        Customer.objects.filter(Exists(running), user__is_active=True)
        .alias(last=last, every=every)
        .alias(due_at=F("last") + ExpressionWrapper(F("every") * A_DAY, DurationField()))
        .filter(due_at__lte=at)
        .order_by("pk")
    )


@transaction.atomic
def _sum_up(pk: int, *, at: datetime) -> bool:
    customer = Customer.objects.select_for_update(no_key=True).get(pk=pk)
    if not _to_sum_up(at=at).filter(pk=pk).exists():
        return False
    rhythm, _ = Rhythm.objects.update_or_create(customer=customer, defaults={"summed_up_at": at})
    record(
        ReminderEvent.SUMMED_UP,
        rhythm,
        by=SYSTEM,
        person_id=customer.user_id,
        shares=Arrangement.objects.running(at=at).filter(customer=customer).count(),
    )
    return True
