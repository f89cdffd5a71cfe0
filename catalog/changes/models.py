from __future__ import annotations

from datetime import datetime
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion
from catalog.specs.markdown import to_html
from catalog.specs.models import SpecRevision
from portal.access.actors import Actor
from portal.states import Stateful
from portal.triggers import as_written, never_emptied


class Comparison(models.Model):
    """What differs between two descriptions, once computed: both are fixed, so this is too.

    `operations` are `[method, path, slug, is_gone]`; `changes` are `[rule, subject, before, after,
    reach]`, where `reaches[reach]` lists the places of the operations that the change touches.
    """

    old = models.ForeignKey(SpecRevision, models.PROTECT, related_name="+")
    new = models.ForeignKey(SpecRevision, models.PROTECT, related_name="+")
    operations = models.JSONField(default=list)
    reaches = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    is_cut = models.BooleanField(default=False)
    breaking_count = models.PositiveIntegerField(default=0)
    care_count = models.PositiveIntegerField(default=0)
    added_count = models.PositiveIntegerField(default=0)
    words_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="comparison_once_per_pair"),
        ]
        triggers = [as_written("comparison_immutable")]

    def __str__(self) -> str:
        return f"{self.old_id} to {self.new_id}"

    @property
    def change_count(self) -> int:
        return self.breaking_count + self.care_count + self.added_count + self.words_count


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return what is published about APIs that the actor sees, whatever became of a version."""
        apis = Api.objects.visible_to(actor)
        return self.filter(status=Entry.Status.PUBLISHED, api__in=apis)

    def newest_first(self) -> Self:
        return self.order_by("-published_at", "-pk")

    def drafts(self) -> Self:
        return self.filter(status=Entry.Status.DRAFT)

    def due(self, *, at: datetime) -> Self:
        return self.drafts().filter(due_at__lte=at)

    def with_counts(self) -> Self:
        """Bring the API, the version and the counts along, without the long lists."""
        lists = ("operations", "reaches", "changes")
        return self.select_related("api", "version", "comparison").defer(
            *(f"comparison__{name}" for name in lists), "version__description_html"
        )


class Entry(Stateful):
    """One line of the changelog. Its words may be edited until it is published, and never after."""

    class Kind(models.TextChoices):
        VERSION = "version", "New version"
        REVISION = "revision", "Changed"
        DEPRECATED = "deprecated", "Will end"
        EXTENDED = "extended", "Ends later"
        KEPT = "kept", "Goes on"
        ENDED = "ended", "Ended"

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    moves = {Status.DRAFT: {Status.PUBLISHED}, Status.PUBLISHED: set()}

    api = models.ForeignKey(Api, models.PROTECT, related_name="entries")
    version = models.ForeignKey(ApiVersion, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind)
    # The description that it tells of; an entry of another kind has none.
    revision = models.ForeignKey(SpecRevision, models.PROTECT, null=True, related_name="+")
    # Against what came before it; a first version has nothing to be compared with.
    comparison = models.ForeignKey(Comparison, models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=160)
    words = models.TextField(blank=True, default="")
    status = models.CharField(max_length=24, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    # When it is published if nobody does so before; without an instant it waits for its version.
    due_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="entry_published_iff_dated",
                condition=Q(status="published", published_at__isnull=False)
                | Q(status="draft", published_at__isnull=True),
            ),
            models.UniqueConstraint(fields=["revision"], name="entry_once_per_revision"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(kind="version"), name="entry_once_per_new_version"
            ),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="entry_newest"),
            models.Index(fields=["api", "-published_at"], name="entry_newest_of_api"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="entry_published_is_fixed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="published"),
            ),
            never_emptied("entry_keep_all", what="the changelog"),
        ]

    def __str__(self) -> str:
        return f"{self.api}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("changes:entry", args=[self.api.slug, self.pk])

    @property
    def is_breaking(self) -> bool:
        return self.comparison is not None and self.comparison.breaking_count > 0

    @property
    def words_html(self) -> str:
        return to_html(self.words)


class DeprecationQuerySet(models.QuerySet["Deprecation"]):
    def announced(self) -> Self:
        return self.filter(status=Deprecation.Status.ANNOUNCED)

    def begun(self, *, at: datetime) -> Self:
        """Return those whose version is deprecated by the clock and not yet by its status."""
        return self.announced().filter(
            version__deprecated_at__lte=at,
            version__status__in=[ApiVersion.Status.STABLE, ApiVersion.Status.BETA],
        )

    def over(self, *, at: datetime) -> Self:
        return self.announced().filter(version__sunset_at__lte=at)


class Deprecation(Stateful):
    """That a version will end, and how its users go on. Its dates are those of the version."""

    class Status(models.TextChoices):
        ANNOUNCED = "announced"
        WITHDRAWN = "withdrawn"
        ENDED = "ended"

    moves = {
        Status.ANNOUNCED: {Status.WITHDRAWN, Status.ENDED},
        Status.WITHDRAWN: set(),
        Status.ENDED: set(),
    }

    version = models.ForeignKey(ApiVersion, models.PROTECT, related_name="deprecations")
    successor = models.ForeignKey(ApiVersion, models.PROTECT, null=True, related_name="+")
    # What users do where nothing follows.
    no_successor = models.CharField(max_length=300, blank=True, default="")
    guide = models.TextField(blank=True, default="")
    # Whose users are told and reminded: the codes of environments.
    segments = models.JSONField(default=list)
    status = models.CharField(max_length=24, choices=Status, default=Status.ANNOUNCED)
    announced_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = DeprecationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(status="announced"),
                name="deprecation_one_open_per_version",
            ),
            models.CheckConstraint(
                name="deprecation_says_what_follows",
                condition=Q(successor__isnull=False, no_successor="")
                | Q(successor__isnull=True) & ~Q(no_successor=""),
            ),
            models.CheckConstraint(
                name="deprecation_closed_iff_dated",
                condition=Q(status="announced", closed_at__isnull=True)
                | ~Q(status="announced") & Q(closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"end of {self.version}"

    def is_for(self, environment: str) -> bool:
        """Whether the users of that environment are told of it."""
        return environment in self.segments

    @property
    def guide_html(self) -> str:
        return to_html(self.guide, max_length=20_000)


class Reminder(models.Model):
    """That users were reminded of an end, so many days before; an end is one instant."""

    deprecation = models.ForeignKey(Deprecation, models.CASCADE, related_name="reminders")
    sunset_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deprecation", "sunset_at", "days"], name="end_reminder_once_per_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deprecation_id}: {self.days} days"
