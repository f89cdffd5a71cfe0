"""Who may know about an API: the one rule that every page, feed and endpoint of the catalog obeys.

The catalog knows organizations by their ids alone. A slice that knows their names offers them from
its own `readers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db import models
from django.db.models import Q


class Audience(models.TextChoices):
    PUBLIC = "public", "Everybody"
    PARTNER = "partner", "Partners"
    NAMED = "named", "Named partners"
    INTERNAL = "internal", "Our staff"


class Guest(models.Model):
    """An organization that is told of an API which is for named partners."""

    api = models.ForeignKey("apis.Api", models.CASCADE, related_name="guests")
    organization_id = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api", "organization_id"], name="guest_once_per_api"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} of {self.api_id}"


def is_open_to(organizations: Collection[int] | models.QuerySet[Any]) -> Q:
    """Return the condition on an API that people of these organizations, or of none, know of it."""
    is_public = Q(audience=Audience.PUBLIC)
    if not isinstance(organizations, models.QuerySet) and not organizations:
        return is_public
    named = Guest.objects.filter(organization_id__in=organizations).values("api")
    is_named = Q(audience=Audience.NAMED, pk__in=named)
    return is_public | Q(audience=Audience.PARTNER) | is_named


Source = Callable[[], Iterable[tuple[int, str]]]
_sources: list[Source] = []


def offers_guests(source: Source) -> Source:
    _sources.append(source)
    return source


def possible_guests() -> list[tuple[int, str]]:
    """Return the ids and names of the organizations that can be named."""
    return [guest for source in _sources for guest in source()]
