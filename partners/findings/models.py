from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from partners.evidence.models import EvidenceFile
from partners.organizations.models import Organization
from partners.questionnaires.models import Assignment
from portal.access.actors import Actor
from portal.access.permissions import Permission, allows
from portal.accounts.models import User
from portal.states import Stateful

LONGEST_ACCEPTANCE = timedelta(days=90)


class Severity(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


# How long a partner has to put it right.
DUE_AFTER = {
    Severity.CRITICAL: timedelta(days=7),
    Severity.HIGH: timedelta(days=30),
    Severity.MEDIUM: timedelta(days=90),
    Severity.LOW: timedelta(days=180),
}


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, actor: Actor) -> Self:
        if allows(actor, Permission.REVIEW):
            return self
        return self.filter(organization__in=actor.memberships)

    def unsettled(self, *, at: datetime) -> Self:
        """Return what nobody put right and nobody answers for; an acceptance ends by itself."""
        lapsed = Q(status=Finding.Status.ACCEPTED, accepted_until__lte=at)
        return self.filter(Q(status__in=[Finding.Status.OPEN, Finding.Status.REMEDIATING]) | lapsed)

    def lapsed(self, *, at: datetime) -> Self:
        return self.filter(status=Finding.Status.ACCEPTED, accepted_until__lte=at)


class Finding(Stateful):
    """Something about a partner's security that is not right, until it is or somebody answers."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        REMEDIATING = "remediating", "Being put right"
        ACCEPTED = "accepted", "Accepted for a time"
        CLOSED = "closed", "Closed"

    class Source(models.TextChoices):
        RULE = "rule", "An answer"
        EVIDENCE = "evidence", "A file"
        MANUAL = "manual", "A reviewer"

    moves = {
        Status.OPEN: {Status.REMEDIATING, Status.ACCEPTED, Status.CLOSED},
        Status.REMEDIATING: {Status.ACCEPTED, Status.CLOSED},
        Status.ACCEPTED: {Status.OPEN, Status.CLOSED},
        Status.CLOSED: set(),
    }

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="findings")
    source = models.CharField(max_length=12, choices=Source)
    # Which answer it is about, by its questionnaire and key; a reviewer's may be about none.
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=60, blank=True, default="")
    evidence = models.ForeignKey(EvidenceFile, models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=300)
    severity = models.CharField(max_length=12, choices=Severity)
    status = models.CharField(max_length=24, choices=Status, default=Status.OPEN)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True, default="")
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    accepted_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            # The same rule finds the same thing once while it is there.
            models.UniqueConstraint(
                fields=["assignment", "key"],
                name="finding_once_per_answer",
                condition=Q(source="rule") & ~Q(status="closed"),
            ),
            models.UniqueConstraint(
                fields=["evidence"], name="finding_once_per_file", condition=Q(source="evidence")
            ),
            models.CheckConstraint(
                name="finding_accepted_iff_dated",
                condition=Q(
                    status="accepted",
                    accepted_by__isnull=False,
                    accepted_at__isnull=False,
                    accepted_until__isnull=False,
                )
                | ~Q(status="accepted") & Q(accepted_until__isnull=True),
            ),
            models.CheckConstraint(
                name="finding_accepted_at_most_90_days",
                condition=Q(accepted_until__isnull=True)
                | Q(accepted_until__lte=F("accepted_at") + LONGEST_ACCEPTANCE),
            ),
            models.CheckConstraint(
                name="finding_closed_iff_dated",
                condition=Q(status="closed", closed_at__isnull=False)
                | ~Q(status="closed") & Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("findings:finding", args=[self.pk])

    @property
    def number(self) -> str:
        return f"F-{self.pk:04d}"
