from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from catalog.imports.models.jobs import ImportJob
from portal.states import Stateful


class CallbackQuerySet(models.QuerySet["Callback"]):
    def due(self, *, at: datetime) -> Self:
        return self.filter(status=Callback.Status.WAITING, next_attempt_at__lte=at).order_by(
            "next_attempt_at", "pk"
        )


class Callback(Stateful):
    """An address that wants to hear of the end of one import."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    moves = {
        Status.WAITING: {Status.DELIVERED, Status.FAILED},
        Status.DELIVERED: set(),
        Status.FAILED: set(),
    }

    job = models.OneToOneField(ImportJob, models.CASCADE, related_name="callback")
    url = models.CharField(max_length=500)
    sealed_secret = models.TextField()
    status = models.CharField(max_length=24, choices=Status, default=Status.WAITING)
    # Written once, when the job ends, so that every attempt says the same.
    body = models.TextField(blank=True, default="")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    attempt_count = models.PositiveSmallIntegerField(default=0)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="import_callback_due",
                condition=Q(status="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"callback of {self.job_id}"
