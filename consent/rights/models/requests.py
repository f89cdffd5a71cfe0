from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.arrangements.models import Customer
from partners.applications.models import Application
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.states import Stateful


def codes() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=80), default=list, blank=True)


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(person_id=actor.person_id or 0)

    def open(self) -> Self:
        return self.filter(status__in=DataRequest.OPEN)

    def overdue(self, *, at: datetime) -> Self:
        return self.open().filter(due_at__lte=at)


class DataRequest(Stateful):
    """What a person asks about their own data, and the clock of the answer."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("A copy of your data")
        PORTABILITY = "portability", _("Your data for another service")
        RECTIFICATION = "rectification", _("A correction")
        RESTRICTION = "restriction", _("A pause")
        OBJECTION = "objection", _("An objection")
        REVIEW = "review", _("A second look by a person")
        COMPLAINT = "complaint", _("A complaint")
        DELETION = "deletion", _("Deletion by an app")
        ERASURE = "erasure", _("Closing your account")

    class Status(models.TextChoices):
        RECEIVED = "received"
        IN_PROGRESS = "in_progress"
        COMPLETED = "completed"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    moves = {
        Status.RECEIVED: {
            Status.IN_PROGRESS,
            Status.COMPLETED,
            Status.REFUSED,
            Status.CANCELLED,
        },
        Status.IN_PROGRESS: {Status.COMPLETED, Status.REFUSED, Status.CANCELLED},
        Status.COMPLETED: set(),
        Status.REFUSED: set(),
        Status.CANCELLED: set(),
    }
    OPEN = (Status.RECEIVED, Status.IN_PROGRESS)
    ONE_AT_A_TIME = (Kind.ACCESS, Kind.PORTABILITY, Kind.ERASURE)

    person = models.ForeignKey(User, models.PROTECT, related_name="data_requests")
    kind = models.CharField(max_length=24, choices=Kind)
    status = models.CharField(max_length=24, choices=Status, default=Status.RECEIVED)
    # What it is about, as codes: of data, or of what the person objects to.
    cluster_codes = codes()
    about = models.CharField(max_length=24, blank=True, default="")
    # Whose deletion is asked for; every other kind is about us, or about all who had the data.
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="+")
    # Sealed with the person's own key: once that is gone nobody reads them.
    sealed_words = models.TextField(blank=True, default="")
    sealed_answer = models.TextField(blank=True, default="")
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    extended_at = models.DateTimeField(null=True, blank=True)
    extension_reason = models.CharField(max_length=24, blank=True, default="")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # An erasure in steps: when our own records about the person were gone.
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="data_request_due_after_receipt", condition=Q(due_at__gt=F("received_at"))
            ),
            models.CheckConstraint(
                name="data_request_ended_iff_dated",
                condition=Q(status__in=["received", "in_progress"], ended_at__isnull=True)
                | ~Q(status__in=["received", "in_progress"]) & Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="data_request_extended_iff_reasoned",
                condition=Q(extended_at__isnull=True, extension_reason="")
                | Q(extended_at__isnull=False) & ~Q(extension_reason=""),
            ),
            models.CheckConstraint(
                name="data_request_begun_is_dated",
                condition=~Q(status="in_progress") | Q(started_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(
                    status__in=["received", "in_progress"],
                    kind__in=["access", "portability", "erasure"],
                ),
                name="data_request_one_open",
            ),
            models.UniqueConstraint(
                fields=["person", "application"],
                condition=Q(status__in=["received", "in_progress"], kind="deletion"),
                name="data_request_one_open_per_app",
            ),
            models.CheckConstraint(
                name="data_request_of_an_app_iff_deletion",
                condition=Q(kind="deletion", application__isnull=False)
                | ~Q(kind="deletion") & Q(application__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="data_request_by_due",
                condition=Q(status__in=["received", "in_progress"]),
            ),
            models.Index(fields=["person", "-received_at"], name="data_request_by_person"),
        ]

    def __str__(self) -> str:
        return f"request {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("rights:request", args=[self.number])

    @property
    def number(self) -> str:
        return f"DR-{self.pk:06d}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def may_be_cancelled(self) -> bool:
        """Whether nothing has been set going yet that could not be called back."""
        return self.is_open and self.kind not in {self.Kind.ERASURE, self.Kind.DELETION}

    def is_overdue(self, *, at: datetime) -> bool:
        return self.is_open and self.due_at <= at


class Restriction(models.Model):
    """Data that is kept and not used (GDPR Art. 18), until it is lifted.

    The decision about a call reads `Customer.restricted`, which says the same of today.
    """

    request = models.OneToOneField(DataRequest, models.PROTECT, related_name="restriction")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="restrictions")
    cluster_codes = codes()
    set_at = models.DateTimeField()
    # When the person was told that we shall lift it, and when that will be.
    told_at = models.DateTimeField(null=True, blank=True)
    lifts_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="restriction_told_before_lifting",
                condition=Q(told_at__isnull=True, lifts_at__isnull=True)
                | Q(lifts_at__gt=F("told_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"restriction of {self.customer_id}"


class Hold(models.Model):
    """A duty to keep a person's records for now, such as a claim before a court."""

    class Reason(models.TextChoices):
        CLAIM = "claim", _("A legal claim is open")
        ORDER = "order", _("A court or authority ordered it")
        FRAUD = "fraud", _("A fraud is being looked into")

    person = models.ForeignKey(User, models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=24, choices=Reason)
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "reason"],
                condition=Q(released_at__isnull=True),
                name="hold_once_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"
