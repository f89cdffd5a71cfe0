from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import uuid4

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from portal.triggers import as_written, never_emptied


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject: models.Model) -> Self:
        name = subject_of(subject)
        if subject._meta.label != settings.AUTH_USER_MODEL:
            return self.filter(subject=name)
        # An account stands in the log under its person's number.
        prefix = Value(name.removesuffix(str(subject.pk)))
        known = Person.objects.filter(account_id=subject.pk)
        return self.filter(
            subject__in=known.values(name=Concat(prefix, Cast("reference", models.CharField())))
        )

    def of_person(self, account_id: int) -> Self:
        """Return what concerns the person whose account that is, as long as the log knows it."""
        known = Person.objects.filter(account_id=account_id)
        return self.filter(person_id__in=known.values("reference"))

    def of_organizations(self, organization_ids: list[int]) -> Self:
        return self.filter(organization_id__in=organization_ids)


class Person(models.Model):
    """Which account a person of the log is, and the key that seals what is kept about them.

    Without this row nobody can tell: neither number nor key can be computed from anything else.
    """

    reference = models.BigIntegerField(primary_key=True)
    account_id = models.BigIntegerField(unique=True)
    # Under the portal's own keys; empty until something is sealed for this person.
    sealed_key = models.TextField(blank=True, db_default="")

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return f"person {self.reference}"


class Event(models.Model):
    """A fact: who did what to which thing, when. Written once, never changed.

    `person_id`, and the numbers in `actor` (`user:…`) and `subject` (`accounts.user:…`), are those
    of a `Person`, not of an account.

    The application's database role may only insert and read these rows (see the grants in the
    first migration); the triggers hold for everybody else, the owner included.
    """

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    actor = models.CharField(max_length=120)
    organization_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=64, blank=True, default="")
    facts = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="event_by_subject"),
            models.Index(fields=["actor", "id"], name="event_by_actor"),
            models.Index(fields=["kind", "id"], name="event_by_kind"),
            models.Index(
                fields=["organization_id", "id"],
                name="event_by_organization",
                condition=Q(organization_id__isnull=False),
            ),
            models.Index(
                fields=["person_id", "id"],
                name="event_by_person",
                condition=Q(person_id__isnull=False),
            ),
            models.Index(
                fields=["request_id"], name="event_by_request", condition=~Q(request_id="")
            ),
        ]
        triggers = [
            as_written("event_append_only"),
            never_emptied("event_keep_all", what="the event log"),
            # A transaction gets its number before any of its events gets an id: so whoever seals
            # the log can tell which ids may still appear.
            pgtrigger.Trigger(
                name="event_numbers_its_transaction",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                level=pgtrigger.Statement,
                func="PERFORM pg_current_xact_id(); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, *, at: datetime) -> Self:
        """Return promises that wait, oldest event first; a parked one waits for a person."""
        return self.filter(delivered_at=None, parked_at=None, next_attempt_at__lte=at).order_by(
            "event_id", "id"
        )

    def parked(self) -> Self:
        return self.filter(parked_at__isnull=False)


class Delivery(models.Model):
    """A promise to call one handler with one event."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    handler = models.CharField(max_length=160)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True, default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="delivery_once_per_handler"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "event"],
                name="delivery_waiting",
                condition=Q(delivered_at=None, parked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.handler}"


def subject_of(thing: models.Model) -> str:
    """Return the name of a row in the log, such as `applications.application:7`."""
    return f"{thing._meta.label_lower}:{thing.pk}"
