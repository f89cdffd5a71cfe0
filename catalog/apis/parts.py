"""What a version is made of that is not REST: its channels, messages, types and calls."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Count, Min


class PartQuerySet(models.QuerySet["Part"]):
    def groups(self) -> list[tuple[str, int]]:
        """Return the groups in the order of the document, with how many parts each has."""
        rows = self.values_list("group").annotate(count=Count("pk"), first=Min("position"))
        return [(name, count) for name, count, _ in rows.order_by("first", "group")]


class Part(models.Model):
    """A channel, a message, a type, a call: whatever a description of its kind is made of."""

    version = models.ForeignKey("apis.ApiVersion", models.CASCADE, related_name="parts")
    slug = models.SlugField(max_length=120)
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=80, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    # The part as its own language writes it.
    signature = models.CharField(max_length=500, blank=True, default="")
    summary = models.CharField(max_length=200, blank=True, default="")
    description_html = models.TextField(blank=True, default="")
    is_deprecated = models.BooleanField(default=False)
    # Of each: name, type, description and is_required.
    fields: models.JSONField[list[dict[str, Any]]] = models.JSONField(default=list)

    objects = PartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="part_slug_is_unique"),
        ]
        indexes = [models.Index(fields=["version", "position"], name="part_in_order")]

    def __str__(self) -> str:
        return self.name
