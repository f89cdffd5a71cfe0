"""What was read, counted by the hour."""

from __future__ import annotations

from django.db import models

from consent.arrangements.models.arrangements import Arrangement


class Reading(models.Model):
    """How often an operation read a customer's data in an hour: the customer's history."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="readings")
    operation_key = models.CharField(max_length=240)
    hour = models.DateTimeField()
    cluster_codes = models.JSONField(default=list)
    read_count = models.PositiveIntegerField(default=0)
    last_read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["arrangement", "operation_key", "hour"], name="reading_once_per_hour"
            ),
        ]
        indexes = [
            # A month is summed up for whole lists. Counting in a row never touches it.
            models.Index(fields=["arrangement", "hour"], name="reading_by_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.operation_key} at {self.hour}"
