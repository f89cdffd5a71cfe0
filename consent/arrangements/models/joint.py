"""What one of several holders of a thing has stopped, for all of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consent.arrangements.customers import Customer
from partners.applications.models import Application


class JointStopQuerySet(models.QuerySet["JointStop"]):
    def standing(self) -> Self:
        return self.filter(lifted_at=None)

    def about(self, application: Application, kind: str, reference: str) -> Self:
        return self.standing().filter(application=application, kind=kind, reference=reference)


class JointStop(models.Model):
    """That an application may not see one thing, by the word of somebody who holds it with others.

    It is compared at each call and rewrites nobody's consent. Who set it is who lifts it.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="joint_stops")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    # The thing as who keeps it spells it: the same for all who hold it.
    kind = models.CharField(max_length=40)
    reference = models.CharField(max_length=120)
    set_at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = JointStopQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "application", "kind", "reference"],
                condition=Q(lifted_at=None),
                name="joint_stop_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["application", "kind"],
                name="joint_stop_standing",
                condition=Q(lifted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"joint stop {self.pk}"


def stopped_for(application_id: int, kinds: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the references of what the application may not see now, by kind."""
    if not kinds:
        return {}
    found: dict[str, set[str]] = {}
    standing = JointStop.objects.standing().filter(application=application_id, kind__in=kinds)
    for kind, reference in standing.values_list("kind", "reference"):
        found.setdefault(kind, set()).add(reference)
    return {kind: frozenset(references) for kind, references in found.items()}
