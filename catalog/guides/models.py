from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from catalog.apis.models import Api
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.states import Stateful
from portal.triggers import as_written, never_emptied


class GuideQuerySet(models.QuerySet["Guide"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return what is published, for all APIs or about one that the actor sees."""
        seen = Q(api=None) | Q(api__in=Api.objects.visible_to(actor))
        return self.filter(seen, status=Guide.Status.PUBLISHED)

    def shown(self) -> Self:
        """Bring along what a list says of each; guides come first, then use cases."""
        named = self.select_related("shown", "api").defer("shown__text")
        by_api = F("api__name").asc(nulls_first=True)
        return named.order_by("kind", by_api, "shown__title", "pk")


class Guide(Stateful):
    """How something is done, or what it is good for: for one API, or for all of them.

    What readers see is one revision; staff go on writing without anybody reading it.
    """

    class Kind(models.TextChoices):
        GUIDE = "guide", "Guide"
        USE_CASE = "use_case", "Use case"

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    moves = {Status.DRAFT: {Status.PUBLISHED}, Status.PUBLISHED: {Status.DRAFT}}

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.GUIDE)
    api = models.ForeignKey(Api, models.PROTECT, null=True, related_name="guides")
    shown = models.ForeignKey("guides.Revision", models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=24, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = GuideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="guide_published_iff_it_shows_something",
                condition=Q(status="published", shown__isnull=False, published_at__isnull=False)
                | Q(status="draft", shown__isnull=True, published_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("guides:guide", args=[self.slug])

    @property
    def newest(self) -> Revision:
        """Return what was written last, whether readers see it or not."""
        return self.revisions.latest("number")


class Revision(models.Model):
    """What a guide said at one time, who wrote it and when. It stays as it was written."""

    guide = models.ForeignKey(Guide, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    # One sentence, for lists and for what is found.
    summary = models.CharField(max_length=300)
    text = models.TextField()
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    # The number of the one whose words were taken again.
    restored_from = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guide", "number"], name="revision_number_is_unique"),
        ]
        triggers = [
            as_written("guide_revision_immutable"),
            never_emptied("guide_revision_keep_all", what="the history of guides"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"
