from __future__ import annotations

from django.db import models
from django.db.models import Q

from consent.rights.models.requests import DataRequest
from portal.states import Stateful


class Copy(Stateful):
    """The file of a person's data: built in parts, sealed, fetched once, gone after a day."""

    class Status(models.TextChoices):
        BUILDING = "building"
        READY = "ready"
        FETCHED = "fetched"
        REMOVED = "removed"

    moves = {
        Status.BUILDING: {Status.READY, Status.REMOVED},
        Status.READY: {Status.FETCHED, Status.REMOVED},
        Status.FETCHED: set(),
        Status.REMOVED: set(),
    }

    request = models.OneToOneField(DataRequest, models.PROTECT, related_name="copy")
    status = models.CharField(max_length=24, choices=Status, default=Status.BUILDING)
    # What opens it once: what we compare, and what the owner's page shows.
    token_digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    sealed_token = models.TextField(blank=True, default="")
    sealed_file = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "copies"
        constraints = [
            models.CheckConstraint(
                name="copy_has_a_file_iff_ready",
                condition=Q(status="ready", expires_at__isnull=False)
                & ~Q(sealed_file="")
                & ~Q(sealed_token="")
                | ~Q(status="ready") & Q(sealed_file="", sealed_token=""),
            ),
            models.CheckConstraint(
                name="copy_closed_iff_dated",
                condition=Q(status__in=["building", "ready"], closed_at__isnull=True)
                | Q(status__in=["fetched", "removed"], closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"copy for {self.request_id}"


class CopyPart(models.Model):
    """A piece of a file that is being built, so that a worker can go on where another stopped."""

    copy = models.ForeignKey(Copy, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=24)
    # Where the section goes on; without it the section is complete.
    position = models.PositiveIntegerField(null=True, blank=True)
    sealed = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["copy", "number"], name="copy_part_once"),
        ]

    def __str__(self) -> str:
        return f"part {self.number} of {self.copy_id}"
