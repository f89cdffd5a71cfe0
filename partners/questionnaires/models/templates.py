from __future__ import annotations

from functools import cached_property

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from partners.questionnaires import content
from partners.questionnaires.content import Content
from portal.accounts.models import User
from portal.triggers import as_written


class Template(models.Model):
    """A questionnaire by name; what it asks is in its versions."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.title

    @property
    def newest(self) -> TemplateVersion | None:
        return self.versions.order_by("-number").first()


class TemplateVersion(models.Model):
    """What a questionnaire asks, fixed from the day it is published."""

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    # Nobody for those that come with the portal: a release of it has had readers of its own.
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "number"], name="template_version_is_unique"
            ),
            models.UniqueConstraint(
                fields=["template", "sha256"], name="template_version_is_different"
            ),
            models.CheckConstraint(
                name="template_version_read_by_another",
                condition=Q(author__isnull=True)
                | Q(published_by__isnull=False) & ~Q(published_by=F("author")),
            ),
        ]
        triggers = [as_written("template_version_fixed")]

    def __str__(self) -> str:
        return f"{self.template} {self.semver}"

    @property
    def semver(self) -> str:
        """Return its version as authors count; the oldest documents knew none."""
        return str(self.document.get("version", f"0.{self.number}.0"))

    @cached_property
    def content(self) -> Content:
        return content.read(self.document)
