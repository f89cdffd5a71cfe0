from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.imports.models.jobs import ImportJob
from catalog.imports.models.sources import MAX_URL
from catalog.specs.models import SpecRevision
from portal.states import Stateful


class ImportDocumentQuerySet(models.QuerySet["ImportDocument"]):
    def open(self) -> Self:
        return self.filter(status__in=ImportDocument.OPEN)

    def due(self, *, at: datetime) -> Self:
        """Return what waits for its turn, and what was claimed by a worker that did not come back.

        The first documents of every job come before the second ones: a large folder keeps nobody
        with a single file waiting.
        """
        waits = Q(status=ImportDocument.Status.WAITING, due_at__lte=at)
        is_lost = Q(status=ImportDocument.Status.READING, leased_until__lte=at)
        return self.filter(waits | is_lost).order_by("position", "pk")

    def held(self, document: ImportDocument) -> Self:
        """Return the row while it is still ours: whoever claims it anew raises the fence."""
        return self.filter(
            pk=document.pk, status=ImportDocument.Status.READING, fence=document.fence
        )


class ImportDocument(Stateful):
    """One document of a job, or a folder that more of them come out of."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        READING = "reading"
        READ = "read"
        UNCHANGED = "unchanged"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    class Kind(models.TextChoices):
        FILE = "file"
        ADDRESS = "address"
        FOLDER = "folder"

    class Step(models.TextChoices):
        FETCHING = "fetching", "Fetching it"
        CHECKING = "checking", "Reading and grading it"
        STORING = "storing", "Writing it into the catalog"

    OPEN = (Status.WAITING, Status.READING)
    moves = {
        Status.WAITING: {Status.READING, Status.CANCELLED},
        Status.READING: {
            Status.WAITING, Status.READ, Status.UNCHANGED, Status.REFUSED, Status.CANCELLED,
        },
        Status.READ: set(),
        Status.UNCHANGED: set(),
        Status.REFUSED: {Status.WAITING},
        Status.CANCELLED: {Status.WAITING},
    }  # fmt: skip

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="documents")
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=500)
    url = models.CharField(max_length=MAX_URL, blank=True, default="")
    # The API, where the name of the file tells it.
    slug = models.SlugField(max_length=80, blank=True, default="")
    # Kept until it was read: from then on the revision has it.
    body = models.BinaryField(null=True)
    status = models.CharField(max_length=24, choices=Status, default=Status.WAITING)
    step = models.CharField(max_length=8, choices=Step, blank=True, default="")
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    revision = models.ForeignKey(SpecRevision, models.PROTECT, null=True, related_name="+")
    reason_code = models.CharField(max_length=60, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ImportDocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="import_document_leased_iff_reading",
                condition=Q(status="reading", leased_until__isnull=False)
                | ~Q(status="reading") & Q(leased_until__isnull=True),
            ),
            models.CheckConstraint(
                name="import_document_refused_iff_reasoned",
                condition=Q(status="refused") & ~Q(reason_code="")
                | ~Q(status="refused") & Q(reason_code=""),
            ),
        ]
        indexes = [
            models.Index(
                F("position"),
                F("id"),
                name="import_document_open",
                condition=Q(status__in=["waiting", "reading"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name
