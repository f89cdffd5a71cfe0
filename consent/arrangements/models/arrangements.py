"""What one customer agreed to with one client, and whether it runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.urls import reverse

from consent.arrangements.customers import Customer
from consent.arrangements.vocabulary import GUARDIAN_GONE, Attention, Duration
from partners.applications.models import Application, Client
from partners.organizations.models import Organization
from portal.access.actors import Actor
from portal.states import Stateful

# How near an end has to be for its customer to look at it.
NEAR = timedelta(days=7)


class ArrangementQuerySet(models.QuerySet["Arrangement"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the customer's own. Staff work with counts and single cases, never with lists."""
        return self.filter(customer__user_id=actor.person_id or 0)

    def active(self, *, at: datetime) -> Self:
        """Return what may be used at that instant; the sweep need not have run."""
        return self.filter(status=Arrangement.Status.ACTIVE, ends_at__gt=at)

    def running(self, *, at: datetime) -> Self:
        """Return what has not ended at that instant, used or paused."""
        return self.filter(status__in=Arrangement.RUNNING, ends_at__gt=at)

    def overdue(self, *, at: datetime) -> Self:
        return self.filter(status__in=Arrangement.RUNNING, ends_at__lte=at)

    def ended(self, *, at: datetime) -> Self:
        return self.exclude(status__in=Arrangement.RUNNING, ends_at__gt=at)

    def given_with_a_guardian(self) -> Self:
        """Return what runs as a guardian last approved it."""
        return self.filter(
            status__in=Arrangement.RUNNING,
            versions__number=F("version_number"),
            versions__approval__isnull=False,
        )

    def left_behind(self) -> Self:
        """Return what still says that it runs although its application is closed for good."""
        application = Q(client__application__status=Application.Status.CLOSED)
        organization = Q(client__application__organization__status=Organization.Status.CLOSED)
        return self.filter(application | organization, status__in=Arrangement.RUNNING).order_by(
            "pk"
        )

    def needs_attention(self, *, at: datetime) -> Self:
        """Return what runs and is worth a look of its customer, with the first cause of it."""
        return self.running(at=at).with_attention(at=at).exclude(attention="")

    def with_attention(self, *, at: datetime) -> Self:
        """Say of each what makes it worth a look of its customer while it runs, if anything does.

        What only lasts a few days from the beginning does not count as ending soon.
        """
        application = Q(client__application__status=Application.Status.SUSPENDED)
        organization = Q(client__application__organization__status=Organization.Status.SUSPENDED)
        ends_soon = Q(ends_at__lte=at + NEAR, ends_at__gt=F("given_at") + NEAR)
        first = Case(
            When(pause_reason=GUARDIAN_GONE, then=Value(Attention.GUARDIAN_GONE)),
            When(reconsent_by__isnull=False, then=Value(Attention.ASKED_AGAIN)),
            When(application | organization, then=Value(Attention.APP_SUSPENDED)),
            When(ends_soon, then=Value(Attention.ENDS_SOON)),
            default=Value(""),
            output_field=CharField(),
        )
        return self.annotate(attention=first)


class Arrangement(Stateful):
    """One customer's agreement with one client of an application about some of their data.

    Every change makes an immutable version; tokens hang off the arrangement and are never more
    than its current version says. `epoch` rises when everything issued so far must stop.
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        WITHDRAWN = "withdrawn"
        REVOKED = "revoked"
        EXPIRED = "expired"
        INVALIDATED = "invalidated"

    RUNNING = (Status.ACTIVE, Status.PAUSED)
    ENDINGS = (Status.WITHDRAWN, Status.REVOKED, Status.EXPIRED, Status.INVALIDATED)

    moves = {
        Status.ACTIVE: {Status.PAUSED, *ENDINGS},
        Status.PAUSED: {Status.ACTIVE, *ENDINGS},
        Status.WITHDRAWN: set(),
        Status.REVOKED: set(),
        Status.EXPIRED: set(),
        Status.INVALIDATED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="arrangements")
    client = models.ForeignKey(Client, models.PROTECT, related_name="arrangements")
    # What the customer shared with the same client before, and ended.
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="next_ones")
    status = models.CharField(max_length=24, choices=Status, default=Status.ACTIVE)
    version_number = models.PositiveIntegerField(default=1)
    epoch = models.PositiveIntegerField(default=1)
    duration = models.CharField(max_length=12, choices=Duration, default=Duration.FIXED)
    given_at = models.DateTimeField()
    # The one instant that decides: never later than the version says, and earlier where a one-time
    # agreement was used up or an answer that was asked for again is missing.
    ends_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    # Empty where the customer paused it, or a code of what else did.
    pause_reason = models.CharField(max_length=24, blank=True, default="", db_default="")
    # Until when the customer has to agree anew, and to which notice (a code).
    reconsent_by = models.DateTimeField(null=True, blank=True)
    reconsent_notice = models.CharField(max_length=60, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=60, blank=True, default="")
    last_read_at = models.DateTimeField(null=True, blank=True)
    # When it was noted that the application took a token: before the token itself is purged.
    claimed_at = models.DateTimeField(null=True, blank=True)

    objects = ArrangementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "client"],
                condition=Q(status__in=["active", "paused"]),
                name="arrangement_one_running",
            ),
            models.CheckConstraint(
                name="arrangement_ends_after_start", condition=Q(ends_at__gt=F("given_at"))
            ),
            models.CheckConstraint(
                name="arrangement_ended_iff_dated",
                condition=Q(status__in=["active", "paused"], ended_at__isnull=True)
                | ~Q(status__in=["active", "paused"]) & Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="arrangement_paused_iff_dated",
                condition=Q(status="paused", paused_at__isnull=False)
                | ~Q(status="paused") & Q(paused_at__isnull=True),
            ),
            models.CheckConstraint(
                name="arrangement_ends_by_reconsent",
                condition=Q(reconsent_by__isnull=True) | Q(ends_at__lte=F("reconsent_by")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"],
                name="arrangement_by_end",
                condition=Q(status__in=["active", "paused"]),
            ),
        ]
        triggers = [
            # What has ended stays ended, nothing revives old tokens, and only a new version, which
            # the customer alone can agree to, lasts longer than the one before.
            pgtrigger.Trigger(
                name="arrangement_never_goes_back",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]
                    "status", "version_number", "epoch", "ends_at"
                ),
                func="""
                    IF OLD.status NOT IN ('active', 'paused') AND NEW.status <> OLD.status THEN
                        RAISE EXCEPTION 'pgtrigger: An arrangement that has ended stays ended';
                    END IF;
                    IF NEW.version_number < OLD.version_number OR NEW.epoch < OLD.epoch THEN
                        RAISE EXCEPTION 'pgtrigger: An arrangement never goes back';
                    END IF;
                    IF NEW.ends_at > OLD.ends_at AND NEW.version_number = OLD.version_number THEN
                        RAISE EXCEPTION 'pgtrigger: Only a new version ends later';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Sharing with {self.client.application}"

    def get_absolute_url(self) -> str:
        return reverse("arrangements:arrangement", args=[self.client.application.slug])

    def is_active(self, *, at: datetime) -> bool:
        return self.status == self.Status.ACTIVE and at < self.ends_at

    def is_running(self, *, at: datetime) -> bool:
        """Whether it has not ended: it may be used, or is paused and may be again."""
        return self.status in self.RUNNING and at < self.ends_at

    def is_paused(self, *, at: datetime) -> bool:
        return self.status == self.Status.PAUSED and at < self.ends_at
