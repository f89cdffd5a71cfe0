from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.apis.models import Api
from catalog.rules.rulebook import RULES, Rule
from portal.accounts.models import User


class OverrideQuerySet(models.QuerySet["Override"]):
    def in_force(self, *, at: datetime) -> Self:
        return self.filter(begins_at__lte=at, ends_at__gt=at, ended_at=None)

    def reaching(self, apis: Iterable[Api]) -> Self:
        """Return those for everybody, for the owners of these APIs, and for these APIs."""
        found = list(apis)
        owners = {api.owner_id for api in found if api.owner_id is not None}
        everybody = Q(api=None, owner=None)
        return self.filter(everybody | Q(api__in=found) | Q(owner__in=owners))

    def with_names(self) -> Self:
        return self.select_related("owner", "api", "set_by").order_by("-begins_at", "-pk")


class Override(models.Model):
    """Another level for a rule: everywhere, for the APIs of one owner, or for one API."""

    class Level(models.TextChoices):
        ERROR = "error", "Error"
        WARNING = "warning", "Warning"
        INFO = "info", "Hint"
        OFF = "off", "Switched off"

    LONGEST_DAYS = 366

    rule = models.CharField(max_length=60)
    level = models.CharField(max_length=8, choices=Level)
    reason = models.CharField(max_length=300)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    api = models.ForeignKey(Api, models.CASCADE, null=True, related_name="overrides")
    set_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    begins_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="override_of_an_owner_or_an_api", condition=Q(owner=None) | Q(api=None)
            ),
            models.CheckConstraint(
                name="override_ends_after_its_beginning",
                condition=Q(ends_at__gt=models.F("begins_at")),
            ),
            models.UniqueConstraint(
                fields=["rule", "owner", "api"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="override_one_open_for_each",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} is {self.level} for {self.whom}"

    @property
    def stated(self) -> Rule | None:
        return RULES.get(self.rule)

    @property
    def whom(self) -> str:
        if self.api is not None:
            return self.api.name
        return f"the APIs of {self.owner.name}" if self.owner is not None else "every API"

    @property
    def _rank(self) -> int:
        return 2 if self.api_id else 1 if self.owner_id else 0

    def reaches(self, api: Api) -> bool:
        if self.api_id is not None:
            return self.api_id == api.pk
        return self.owner_id is None or self.owner_id == api.owner_id


def levels_for(api: Api, overrides: Iterable[Override]) -> Mapping[str, str]:
    """Return the level of each rule for that API: what is said most closely counts.

    A rule that is fixed keeps its own level, whatever was written down before it was fixed.
    """
    levels = {code: rule.severity for code, rule in RULES.items()}
    for override in sorted(overrides, key=lambda one: one._rank):  # noqa: SLF001 - our own
        rule = RULES.get(override.rule)
        if rule is not None and not rule.is_fixed and override.reaches(api):
            levels[override.rule] = override.level
    return levels
