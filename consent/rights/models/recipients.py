from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consent.arrangements.models import Arrangement
from consent.rights.models.requests import DataRequest, codes
from partners.applications.models import Application
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.states import Stateful


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(application__organization_id__in=actor.memberships)

    def open(self) -> Self:
        return self.filter(status__in=Task.OPEN)

    def late(self, *, at: datetime) -> Self:
        """Return what is past its day, whether or not that was written down."""
        return self.open().filter(due_at__lte=at)


class Task(Stateful):
    """What one application has to do with a person's data because the person asked us."""

    class Action(models.TextChoices):
        DELETE = "delete", "Delete"
        RESTRICT = "restrict", "Do not use"
        RECTIFY = "rectify", "Fetch again, it was corrected"

    class Status(models.TextChoices):
        PENDING = "pending"
        OVERDUE = "overdue"
        DONE = "done"
        EXEMPT = "exempt"
        MOOT = "moot"

    class Exemption(models.TextChoices):
        LAW = "law", _("A law makes us keep it")
        CLAIM = "claim", _("We need it for a legal claim")
        NOTHING = "nothing", _("We hold nothing about this customer")
        HEALTH = "health", _("Public health needs it")
        RESEARCH = "research", _("It is in research or statistics that could not go on")

    moves = {
        Status.PENDING: {Status.OVERDUE, Status.DONE, Status.EXEMPT, Status.MOOT},
        Status.OVERDUE: {Status.DONE, Status.EXEMPT, Status.MOOT},
        Status.DONE: set(),
        Status.EXEMPT: set(),
        Status.MOOT: set(),
    }
    OPEN = (Status.PENDING, Status.OVERDUE)

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    request = models.ForeignKey(DataRequest, models.PROTECT, related_name="tasks")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    action = models.CharField(max_length=24, choices=Action)
    status = models.CharField(max_length=24, choices=Status, default=Status.PENDING)
    # The application's own name for the customer, which we may have forgotten since.
    subject = models.UUIDField()
    cluster_codes = codes()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    # How often the application was told, the first time included.
    attempt_count = models.PositiveSmallIntegerField(default=1)
    escalated_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    exemption = models.CharField(max_length=24, choices=Exemption, blank=True, default="")
    evidence = models.CharField(max_length=300, blank=True, default="")
    attested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "application", "action"], name="task_once_per_recipient"
            ),
            models.CheckConstraint(
                name="task_closed_iff_attested",
                condition=Q(status__in=["pending", "overdue"], closed_at__isnull=True)
                | Q(
                    status__in=["done", "exempt"],
                    closed_at__isnull=False,
                    acknowledged_at__isnull=False,
                    attested_by__isnull=False,
                )
                | Q(status="moot", closed_at__isnull=False, attested_by__isnull=True),
            ),
            models.CheckConstraint(
                name="task_exempt_iff_reasoned",
                condition=Q(status="exempt") & ~Q(exemption="")
                | ~Q(status="exempt") & Q(exemption=""),
            ),
            models.CheckConstraint(
                name="task_overdue_is_dated",
                condition=~Q(status="overdue") | Q(overdue_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="task_by_due",
                condition=Q(status__in=["pending", "overdue"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} at {self.application_id}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def is_late(self, *, at: datetime) -> bool:
        return self.is_open and self.due_at <= at


class Disclosure(models.Model):
    """How often data was read in a month: what is left of readings that are old or erased."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="disclosures")
    cluster_code = models.CharField(max_length=80)
    month = models.DateField()
    read_count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["arrangement", "cluster_code", "month"], name="disclosure_once_per_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster_code} in {self.month:%Y-%m}"
