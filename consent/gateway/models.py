from __future__ import annotations

from typing import Self

from django.db import models

from partners.applications.models import Client


class UsageQuerySet(models.QuerySet["Usage"]):
    def of_organization(self, organization_id: int) -> Self:
        return self.filter(client__application__organization_id=organization_id)


class Undeclared(models.Model):
    """How many fields of an operation's answers no description named, in an hour.

    They were dropped. Their names are not kept: those of a map may be data themselves.
    """

    operation_key = models.CharField(max_length=240)
    hour = models.DateTimeField()
    field_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "undeclared"
        constraints = [
            models.UniqueConstraint(
                fields=["operation_key", "hour"], name="undeclared_once_per_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation_key} at {self.hour}"


class Usage(models.Model):
    """How many calls of a client to an operation ended for one reason in an hour."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="usage")
    operation_key = models.CharField(max_length=240)
    hour = models.DateTimeField()
    reason = models.CharField(max_length=40)
    call_count = models.PositiveIntegerField(default=0)

    objects = UsageQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "usage"
        constraints = [
            models.UniqueConstraint(
                fields=["client", "operation_key", "hour", "reason"], name="usage_once_per_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation_key} {self.reason} at {self.hour}"
