from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.impact.exposure import Exposed, read
from catalog.impact.questions import Risk
from portal.accounts.models import User
from portal.secrets import digest, matches
from portal.states import Stateful
from portal.triggers import never_emptied

# What an officer's signature is over, besides the two instants.
_SIGNED = (
    "version_id", "number", "status", "answers", "risks", "exposure", "author_id", "officer_id",
    "opinion",
)  # fmt: skip


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def approved(self) -> Self:
        """Return the assessments that a privacy officer has signed, the newest first."""
        return self.filter(status=Assessment.Status.APPROVED).order_by("-decided_at", "-pk")

    def open(self) -> Self:
        return self.filter(status__in=Assessment.OPEN)


class Assessment(Stateful):
    """A privacy impact assessment of one version: what it reveals, at what risk, who agreed.

    Once decided it stays as it was signed: what changes later needs the next one.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Being written"
        SUBMITTED = "submitted", "With the privacy officer"
        RETURNED = "returned", "Sent back"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Turned down"

    OPEN = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)
    WRITABLE = (Status.DRAFT, Status.RETURNED)

    moves = {
        Status.DRAFT: {Status.SUBMITTED},
        Status.SUBMITTED: {Status.RETURNED, Status.APPROVED, Status.REFUSED},
        Status.RETURNED: {Status.SUBMITTED},
        Status.APPROVED: set(),
        Status.REFUSED: set(),
    }

    version = models.ForeignKey(ApiVersion, models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    answers = models.JSONField(default=dict)
    risks = models.JSONField(default=list)
    # What the version revealed when the officer got it: that, and not more, is what is approved.
    exposure = models.JSONField(default=list)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    officer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    opinion = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    # From when on somebody has to look again, whether or not anything changed.
    review_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    signature = models.CharField(max_length=64, blank=True, default="")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="assessment_number_once"),
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(status__in=["draft", "submitted", "returned"]),
                name="assessment_one_open",
            ),
            models.CheckConstraint(
                name="assessment_decided_is_signed",
                condition=~Q(status__in=["approved", "refused"])
                | Q(decided_at__isnull=False, review_at__isnull=False) & ~Q(signature=""),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="assessment_as_signed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status__in=["approved", "refused"]),
            ),
            never_emptied("assessment_keep_all", what="the assessments"),
        ]

    def __str__(self) -> str:
        return f"impact assessment {self.number} of {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("impact:assessment", args=[self.version.api.slug, self.version.label])

    @property
    def exposed(self) -> tuple[Exposed, ...]:
        return read(self.exposure)

    @property
    def named_risks(self) -> list[Risk]:
        return sorted((Risk.from_json(row) for row in self.risks), key=lambda risk: -risk.rank)

    def is_due(self, *, at: datetime) -> bool:
        return self.review_at is not None and self.review_at <= at

    def content(self, **changes: Any) -> str:
        """Return what is signed, in one spelling; `changes` are about to be made."""

        def value(name: str) -> Any:
            return changes.get(name, getattr(self, name))

        said = {name: value(name) for name in _SIGNED} | {
            name: value(name).isoformat() for name in ("decided_at", "review_at")
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def signed(self, **changes: Any) -> dict[str, Any]:
        """Return the changes together with the seal on all that they leave behind."""
        content = self.content(**changes)
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        return {**changes, "sha256": sha256, "signature": digest(content)}

    def is_intact(self) -> bool:
        """Whether it still says what the officer signed."""
        return bool(self.signature) and matches(self.content(), self.signature)
