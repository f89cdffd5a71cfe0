from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partners.evidence.kinds import MEDIA_TYPES
from partners.organizations.models import Organization
from portal.access.actors import Actor
from portal.access.permissions import Permission, allows
from portal.accounts.models import User
from portal.states import Stateful

MAX_SCANS = 5
# A scan that takes longer was a worker that died.
CLAIM = timedelta(minutes=5)
# Signatures learn of a virus days after it is sent round: young files are looked at again.
YOUNG = timedelta(days=30)
AGAIN_AFTER = timedelta(hours=24)


class EvidenceFileQuerySet(models.QuerySet["EvidenceFile"]):
    def visible_to(self, actor: Actor) -> Self:
        if allows(actor, Permission.READ_EVIDENCE):
            return self
        return self.filter(organization__in=actor.memberships)

    def kept(self) -> Self:
        """Return what counts: not what was removed, and not what never arrived whole."""
        gone = (EvidenceFile.Status.REMOVED, EvidenceFile.Status.UPLOADING)
        return self.exclude(status__in=gone)

    def to_scan(self, *, at: datetime) -> Self:
        """Return what waits for the scanner, and what a scanner that died has left."""
        waiting = (
            EvidenceFile.Status.QUARANTINED,
            EvidenceFile.Status.SCANNING,
            EvidenceFile.Status.ERROR,
        )
        due = self.filter(status__in=waiting, next_scan_at__lte=at)
        due = due.exclude(status=EvidenceFile.Status.ERROR, scan_count__gte=MAX_SCANS)
        return due.order_by("next_scan_at", "pk")

    def to_scan_again(self, *, at: datetime, signatures: str) -> Self:
        """Return young clean files that other signatures, or none for a day, have looked at."""
        young = self.filter(status=EvidenceFile.Status.CLEAN, uploaded_at__gt=at - YOUNG)
        stale = Q(scanned_at__lte=at - AGAIN_AFTER) | ~Q(signatures=signatures)
        return young.filter(stale, next_scan_at__lte=at).order_by("scanned_at", "pk")

    def abandoned(self, *, at: datetime) -> Self:
        return self.filter(
            status=EvidenceFile.Status.UPLOADING, uploaded_at__lte=at - timedelta(hours=1)
        )


class EvidenceFile(Stateful):
    """A file that a partner shows as proof. Its bytes are in the vault, never in the database."""

    class Status(models.TextChoices):
        UPLOADING = "uploading", "Uploading"
        QUARANTINED = "quarantined", "Waiting for the virus scan"
        SCANNING = "scanning", "Being scanned"
        CLEAN = "clean", "Ready"
        INFECTED = "infected", "Virus found"
        UNSCANNABLE = "unscannable", "Could not be scanned"
        ERROR = "error", "Scan failed"
        REMOVED = "removed", "Removed"

    moves = {
        Status.UPLOADING: {Status.QUARANTINED, Status.REMOVED},
        Status.QUARANTINED: {Status.SCANNING, Status.REMOVED},
        Status.SCANNING: {
            Status.QUARANTINED,
            Status.CLEAN,
            Status.INFECTED,
            Status.UNSCANNABLE,
            Status.ERROR,
        },
        Status.ERROR: {Status.SCANNING, Status.QUARANTINED, Status.REMOVED},
        Status.CLEAN: {Status.INFECTED, Status.REMOVED},
        Status.INFECTED: {Status.REMOVED},
        Status.UNSCANNABLE: {Status.REMOVED},
        Status.REMOVED: set(),
    }

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="evidence_files")
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=4, choices=[(k, k.upper()) for k in MEDIA_TYPES], blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    # Where the bytes are, and what opens them: the key is sealed for this row alone.
    vault_name = models.CharField(max_length=64, unique=True)
    sealed_key = models.TextField(blank=True, default="")
    status = models.CharField(max_length=24, choices=Status, default=Status.UPLOADING)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    next_scan_at = models.DateTimeField(default=timezone.now)
    scan_count = models.PositiveSmallIntegerField(default=0)
    scanned_at = models.DateTimeField(null=True, blank=True)
    # Which engine and signatures said so, and the name of what they found.
    signatures = models.CharField(max_length=100, blank=True, default="")
    found = models.CharField(max_length=100, blank=True, default="")
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = EvidenceFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="evidence_kept_is_digested",
                condition=Q(status__in=["uploading", "removed"])
                | (~Q(sha256="") & ~Q(kind="") & Q(size__gt=0)),
            ),
            models.CheckConstraint(
                name="evidence_clean_was_scanned",
                condition=~Q(status="clean") | (Q(scanned_at__isnull=False) & ~Q(signatures="")),
            ),
            models.CheckConstraint(
                name="evidence_removed_iff_dated",
                condition=Q(status="removed", removed_at__isnull=False)
                | ~Q(status="removed") & Q(removed_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_scan_at", "id"],
                name="evidence_to_scan",
                condition=Q(status__in=["quarantined", "scanning", "error"]),
            ),
            models.Index(fields=["organization", "-id"], name="evidence_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evidence:file", args=[self.public_id])

    @property
    def key_context(self) -> str:
        return f"evidence_evidencefile:{self.vault_name}:key"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.kind]

    @property
    def is_ready(self) -> bool:
        return self.status == self.Status.CLEAN

    @property
    def is_waiting(self) -> bool:
        return self.status in {self.Status.QUARANTINED, self.Status.SCANNING}

    @property
    def was_given_up(self) -> bool:
        return self.status == self.Status.ERROR and self.scan_count >= MAX_SCANS


class LinkQuerySet(models.QuerySet["Link"]):
    def about(self, subject: str) -> Self:
        return self.filter(subject=subject).select_related("file").order_by("pk")


class Link(models.Model):
    """What a file is shown for: a thing by its name in the log, and a question's key there."""

    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="links")
    subject = models.CharField(max_length=100)
    key = models.CharField(max_length=60)
    linked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(default=timezone.now)
    # Sent to reviewers: from then on the file is part of a record, and stays.
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "subject", "key"], name="evidence_link_once_per_answer"
            ),
        ]
        indexes = [models.Index(fields=["subject", "key"], name="evidence_link_subject")]

    def __str__(self) -> str:
        return f"{self.file_id} for {self.key} of {self.subject}"
