from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.scorecards.score import Part
from catalog.specs.models import SpecRevision
from portal.accounts.models import User


class ScoreQuerySet(models.QuerySet["Score"]):
    def latest_of_each(self) -> Self:
        newest = Score.objects.order_by("version", "-at", "-pk").distinct("version")
        return self.filter(pk__in=newest.values("pk"))

    def worst_first(self) -> Self:
        return self.order_by("points", "-errors", "version__api__name", "pk")


class Score(models.Model):
    """How well a version was kept at an instant. A row is added when something of it changes."""

    version = models.ForeignKey(ApiVersion, models.CASCADE, related_name="scores")
    revision = models.ForeignKey(SpecRevision, models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    points = models.PositiveSmallIntegerField()
    # Pairs of a part's code and its points, in the order of the formula.
    parts = models.JSONField(default=list)
    errors = models.PositiveSmallIntegerField(default=0)
    warnings = models.PositiveSmallIntegerField(default=0)
    hints = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["version", "-at", "-id"], name="score_newest_first")]
        constraints = [
            models.CheckConstraint(name="score_of_a_hundred", condition=models.Q(points__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.points}"

    def says_the_same_as(self, other: Score) -> bool:
        names = ("revision_id", "owner_id", "points", "parts", "errors", "warnings", "hints")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    @staticmethod
    def written(parts: tuple[Part, ...]) -> list[list[Any]]:
        return [[part.code, part.points] for part in parts]
