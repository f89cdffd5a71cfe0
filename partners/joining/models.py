from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from partners.applications.models import Client
from partners.organizations.models import Organization


class StartQuerySet(models.QuerySet["Start"]):
    def answered(self, *, since: datetime) -> Self:
        return self.filter(answered_at__gte=since)


class Start(models.Model):
    """How an organization began: when its founder came, and when the sandbox first answered.

    `landed_at` is when the sign-up page was opened, as that page's own form told it; empty where
    somebody had an account before.
    """

    organization = models.OneToOneField(Organization, models.CASCADE, related_name="start")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    landed_at = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = StartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="start_in_order",
                condition=(Q(landed_at=None) | Q(landed_at__lte=models.F("begun_at")))
                & (Q(answered_at=None) | Q(answered_at__gte=models.F("begun_at"))),
            ),
        ]

    def __str__(self) -> str:
        return f"start of {self.organization_id}"

    @property
    def took(self) -> timedelta | None:
        """Return the time from landing to the first answer, once there was one."""
        if self.answered_at is None:
            return None
        return self.answered_at - (self.landed_at or self.begun_at)
