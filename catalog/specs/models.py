from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.apis.models import ApiVersion
from portal.access.actors import Actor
from portal.accounts.models import User

_NAMES = {
    "openapi": "OpenAPI",
    "swagger": "Swagger",
    "asyncapi": "AsyncAPI",
    "graphql": "GraphQL",
    "proto": "Protocol Buffers",
}


class SpecRevisionQuerySet(models.QuerySet["SpecRevision"]):
    def current(self) -> Self:
        return self.filter(status=SpecRevision.Status.CURRENT)

    def visible_to(self, actor: Actor) -> Self:
        """Return what the actor may know about: imports are the catalog's own affair."""
        return self if actor.is_staff else self.none()

    def rejected(self) -> Self:
        return self.filter(status=SpecRevision.Status.REJECTED)

    def current_of(self, sha256: str, *, slug: str | None = None) -> SpecRevision | None:
        """Return the current revision that these bytes made, of that API if one is named."""
        found = self.current().filter(sha256=sha256)
        return (found if slug is None else found.filter(version__api__slug=slug)).first()


class SpecRevision(models.Model):
    """One document as it was read: kept whole, graded, never changed. A rejected one says why."""

    class Status(models.TextChoices):
        CURRENT = "current"
        SUPERSEDED = "superseded"
        REJECTED = "rejected"

    version = models.ForeignKey(ApiVersion, models.PROTECT, null=True, related_name="revisions")
    status = models.CharField(max_length=12, choices=Status)
    source = models.CharField(max_length=500)
    format = models.CharField(max_length=24, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    byte_count = models.PositiveBigIntegerField()
    raw = models.BinaryField()
    grade = models.CharField(max_length=1, blank=True, default="")
    points = models.PositiveSmallIntegerField(default=0)
    # Which rule took how many of the 100 points: pairs of rule and points.
    lost = models.JSONField(default=list)
    operation_count = models.PositiveIntegerField(default=0)
    reason_code = models.CharField(max_length=60, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now)

    objects = SpecRevisionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="revision_by_digest")]
        constraints = [
            models.CheckConstraint(
                name="revision_rejected_iff_reasoned",
                condition=Q(status="rejected") & ~Q(reason_code="")
                | ~Q(status="rejected") & Q(reason_code="", version__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(status="current"),
                name="revision_one_current_per_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} ({self.sha256[:8]})"

    @property
    def written_in(self) -> str:
        """Return the format as people write it, such as `OpenAPI 3.1, YAML`."""
        kind, _, syntax = self.format.partition(" ")
        name, _, number = kind.partition("-")
        written = f"{_NAMES.get(name, name)} {number}".strip()
        return f"{written}, {syntax.upper()}" if syntax else written


class Finding(models.Model):
    """Something that a rule found in a document, with the place and what to do about it."""

    class Severity(models.TextChoices):
        ERROR = "error"
        WARNING = "warning"
        INFO = "info"

    revision = models.ForeignKey(SpecRevision, models.CASCADE, related_name="findings")
    rule = models.CharField(max_length=60)
    severity = models.CharField(max_length=8, choices=Severity)
    pointer = models.CharField(max_length=500, blank=True, default="")
    line = models.PositiveIntegerField(null=True)
    message = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.rule} at {self.pointer or '/'}"
