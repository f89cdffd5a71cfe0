from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partners.questionnaires.models import TemplateVersion
from portal.accounts.models import User
from portal.states import Stateful


class Source(models.TextChoices):
    OURS = "ours", "A questionnaire in our own form"
    ASVS = "asvs", "ASVS 5.0, flat JSON"
    OSCAL = "oscal", "An OSCAL catalog"
    VSAQ = "vsaq", "A VSAQ questionnaire"


class Draft(Stateful):
    """A questionnaire before it is one: somebody brought it, somebody else publishes it."""

    class Status(models.TextChoices):
        OPEN = "open", "To be read"
        PUBLISHED = "published", "Published"
        DISCARDED = "discarded", "Discarded"

    moves = {
        Status.OPEN: {Status.PUBLISHED, Status.DISCARDED},
        Status.PUBLISHED: set(),
        Status.DISCARDED: set(),
    }

    source = models.CharField(max_length=8, choices=Source)
    document = models.JSONField()
    # What of the file could not become part of the document.
    notes = models.JSONField(default=list)
    status = models.CharField(max_length=24, choices=Status, default=Status.OPEN)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    version = models.OneToOneField(TemplateVersion, models.PROTECT, null=True, related_name="draft")
    drafted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="draft_published_iff_versioned",
                condition=Q(status="published", version__isnull=False)
                | ~Q(status="published") & Q(version__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document['title']} {self.document['version']}"

    def get_absolute_url(self) -> str:
        return reverse("drafts:draft", args=[self.pk])
