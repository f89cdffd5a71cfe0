from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from partners.endings.steps import Step
from partners.organizations.models import Organization
from portal.accounts.models import User
from portal.states import Stateful


class EndingQuerySet(models.QuerySet["Ending"]):
    def due(self, *, at: datetime) -> Self:
        """Return what nobody works on: begun, given back, or left by a worker that died."""
        free = Q(leased_until=None) | Q(leased_until__lte=at)
        return self.filter(free, status=Ending.Status.RUNNING).order_by("begun_at", "pk")

    def held(self, ending: Ending) -> Self:
        """Return its row as long as it was not claimed again since; the fence of every write."""
        return self.filter(pk=ending.pk, epoch=ending.epoch, status=Ending.Status.RUNNING)

    def unattested(self) -> Self:
        return self.filter(attested_at=None, data_due_at__isnull=False)


class Ending(Stateful):
    """The end of the relationship with a partner, step by step, and what is left to be told."""

    class Status(models.TextChoices):
        RUNNING = "running", "Under way"
        ENDED = "ended", "Ended"

    class DataIs(models.TextChoices):
        DELETED = "deleted", "We deleted all of it"
        RETURNED = "returned", "We returned it, and deleted our copies"
        NONE = "none", "We never kept any"
        KEPT = "kept", "A law makes us keep some; we deleted the rest"

    moves = {Status.RUNNING: {Status.ENDED}, Status.ENDED: set()}

    organization = models.OneToOneField(Organization, models.PROTECT, related_name="ending")
    status = models.CharField(max_length=24, choices=Status, default=Status.RUNNING)
    reason = models.CharField(max_length=500)
    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Who works on it, by number: whoever was overtaken writes nothing more.
    epoch = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    data_due_at = models.DateTimeField(null=True)
    data_is = models.CharField(max_length=12, choices=DataIs, blank=True, default="")
    data_note = models.CharField(max_length=500, blank=True, default="")
    attested_at = models.DateTimeField(null=True)
    attested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = EndingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ending_ended_iff_dated",
                condition=Q(status="running", ended_at__isnull=True)
                | Q(status="ended", ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="ending_attested_by_somebody",
                condition=Q(attested_at__isnull=True, attested_by__isnull=True, data_is="")
                | Q(attested_at__isnull=False, attested_by__isnull=False) & ~Q(data_is=""),
            ),
        ]

    def __str__(self) -> str:
        return f"end of {self.organization}"

    def get_absolute_url(self) -> str:
        return reverse("endings:own", args=[self.organization.slug])

    def is_late(self, *, at: datetime) -> bool:
        return self.attested_at is None and self.data_due_at is not None and at >= self.data_due_at


class EndingStep(models.Model):
    """One step of an ending; `count` is how much it ended, `left` what the last look found."""

    ending = models.ForeignKey(Ending, models.CASCADE, related_name="steps")
    code = models.CharField(max_length=20, choices=Step)
    position = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ending", "code"], name="ending_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.ending_id}"
