from __future__ import annotations

from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from catalog.imports.models.sources import Source
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.states import Stateful


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return what the actor may know about: imports are the catalog's own affair."""
        return self if actor.is_staff else self.none()

    def open(self) -> Self:
        return self.filter(status__in=ImportJob.OPEN)

    def counted(self) -> Self:
        """Add how many documents each has, and what became of them; a folder is none itself."""
        files = ~Q(documents__kind="folder")
        ended = {"read": "read", "unchanged": "unchanged", "refused": "refused"}
        return self.annotate(
            document_count=Count("documents", filter=files),
            **{
                f"{name}_count": Count("documents", filter=files & Q(documents__status=status))
                for name, status in ended.items()
            },
        )


class ImportJob(Stateful):
    """Somebody's wish that documents be read. What is left to do stands in its documents."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        WORKING = "working"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Origin(models.TextChoices):
        UPLOAD = "upload", "A file"
        ADDRESS = "address", "An address"
        GIT = "git", "A git repository"
        COMMAND = "command", "The command line"

    OPEN = (Status.WAITING, Status.WORKING)
    moves = {
        Status.WAITING: {Status.WORKING, Status.CANCELLED},
        Status.WORKING: {Status.DONE, Status.FAILED, Status.CANCELLED},
        Status.DONE: set(),
        Status.FAILED: {Status.WAITING},
        Status.CANCELLED: {Status.WAITING},
    }

    number = models.UUIDField(default=uuid4, unique=True, editable=False)
    origin = models.CharField(max_length=8, choices=Origin)
    name = models.CharField(max_length=500)
    status = models.CharField(max_length=24, choices=Status, default=Status.WAITING)
    source = models.ForeignKey(Source, models.PROTECT, null=True, related_name="jobs")
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    # Present after `counted`.
    document_count: int
    read_count: int
    unchanged_count: int
    refused_count: int

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="import_ended_iff_dated",
                condition=Q(status__in=["waiting", "working"], ended_at__isnull=True)
                | Q(status__in=["done", "failed", "cancelled"], ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="import_job_open",
                condition=Q(status__in=["waiting", "working"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("imports:job", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN
