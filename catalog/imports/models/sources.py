from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.states import Stateful

MAX_URL = 2000


class SourceQuerySet(models.QuerySet["Source"]):
    def kept(self) -> Self:
        return self.exclude(status=Source.Status.REMOVED)

    def due(self, *, at: datetime) -> Self:
        return self.filter(status=Source.Status.ACTIVE, next_at__lte=at).order_by("next_at", "pk")


class Source(Stateful):
    """A place that is read again and again: an address, or a folder of a git repository."""

    class Kind(models.TextChoices):
        ADDRESS = "address", "An address"
        GIT = "git", "A git repository"

    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        REMOVED = "removed"

    class Interval(models.IntegerChoices):
        """How many hours lie between two readings."""

        HOURLY = 1, "Every hour"
        SIX_HOURLY = 6, "Every six hours"
        DAILY = 24, "Every day"
        WEEKLY = 168, "Every week"

    moves = {
        Status.ACTIVE: {Status.PAUSED, Status.REMOVED},
        Status.PAUSED: {Status.ACTIVE, Status.REMOVED},
        Status.REMOVED: set(),
    }
    # After so many failures in a row nobody seems to look after it any more.
    GIVES_UP_AFTER = 8
    LONGEST_WAIT = timedelta(days=7)

    kind = models.CharField(max_length=8, choices=Kind)
    url = models.CharField(max_length=MAX_URL)
    # Of a repository: where in it to look, and on which branch or tag; empty is everywhere, HEAD.
    folder = models.CharField(max_length=300, blank=True, default="")
    branch = models.CharField(max_length=100, blank=True, default="")
    interval_hours = models.PositiveSmallIntegerField(choices=Interval, default=Interval.DAILY)
    status = models.CharField(max_length=24, choices=Status, default=Status.ACTIVE)
    next_at = models.DateTimeField(default=timezone.now)
    # What the place said of its content: sent back, so that it may answer “not changed”.
    etag = models.CharField(max_length=300, blank=True, default="")
    last_modified = models.CharField(max_length=80, blank=True, default="")
    last_read_at = models.DateTimeField(null=True, blank=True)
    last_result = models.CharField(max_length=60, blank=True, default="")
    failure_count = models.PositiveSmallIntegerField(default=0)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["url", "folder", "branch"],
                condition=~Q(status="removed"),
                name="import_source_once_per_place",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], name="import_source_due", condition=Q(status="active")
            ),
        ]

    def __str__(self) -> str:
        return self.url

    def get_absolute_url(self) -> str:
        return reverse("imports:source", args=[self.pk])

    def due_after(self, at: datetime) -> datetime:
        """Return when to read next: in turn, or later with each failure in a row."""
        wait = timedelta(hours=self.interval_hours)
        longest = max(wait, self.LONGEST_WAIT)
        return at + min(wait * (1 << min(self.failure_count, 10)), longest)
