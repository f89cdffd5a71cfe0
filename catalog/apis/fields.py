"""The fields of an operation's answer: what each is called, may hold and reveals."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat

from catalog.scopes.models import Depth


class FieldQuerySet(models.QuerySet["Field"]):
    def leaves(self) -> Self:
        """Return the fields that hold a value: what contains others reveals nothing by itself."""
        inside = Field.objects.filter(
            operation=OuterRef("operation"),
            pointer__startswith=Concat(OuterRef("pointer"), Value("/")),
        )
        return self.exclude(Exists(inside))


class Field(models.Model):
    """One field of an operation's successful answer, as a row of its table."""

    operation = models.ForeignKey("apis.Operation", models.CASCADE, related_name="fields")
    position = models.PositiveIntegerField()
    pointer = models.CharField(max_length=300)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=60)
    nesting = models.PositiveSmallIntegerField(default=0)
    description = models.CharField(max_length=300, blank=True, default="")
    is_required = models.BooleanField(default=False)
    depth = models.PositiveSmallIntegerField(choices=Depth, null=True)
    scope = models.CharField(max_length=80, blank=True, default="")
    cluster_code = models.SlugField(max_length=60, blank=True, default="")
    retention_days = models.PositiveIntegerField(null=True)
    # What a value keeps to, under the words of JSON Schema: see `catalog.apis.constraints`.
    constraints = models.JSONField(default=dict)
    example = models.CharField(max_length=120, blank=True, default="")
    # What becomes of the value before it leaves; empty where it leaves as it is.
    transform = models.CharField(max_length=120, blank=True, default="")

    objects = FieldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operation", "pointer"], name="field_once_per_answer"),
        ]
        indexes = [
            models.Index(fields=["operation", "position"], name="field_in_order"),
        ]

    def __str__(self) -> str:
        return self.pointer
