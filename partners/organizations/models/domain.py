from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from partners.organizations.models.organization import Organization


class DomainQuerySet(models.QuerySet["Domain"]):
    def proven(self) -> Self:
        return self.filter(proven_at__isnull=False)

    def of_address(self, email: str) -> Self:
        """Return the proven domain that an address belongs to; subdomains are others."""
        return self.proven().filter(name=email.rpartition("@")[2].lower())


class Domain(models.Model):
    """A domain that an organization says is its own, and the text that proves it."""

    class Way(models.TextChoices):
        DNS = "dns", "a TXT record"
        FILE = "file", "a file"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)
    code = models.CharField(max_length=64)
    claimed_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)
    proven_by = models.CharField(max_length=8, choices=Way, blank=True, default="")

    objects = DomainQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="domain_claimed_once_by_each"
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(proven_at__isnull=False),
                name="domain_proven_by_one",
            ),
            models.CheckConstraint(
                name="domain_proven_in_some_way",
                condition=Q(proven_at=None, proven_by="")
                | Q(proven_at__isnull=False) & ~Q(proven_by=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def record_name(self) -> str:
        return f"_meridian.{self.name}"

    @property
    def proof(self) -> str:
        """Return the text that stands in the record or the file; it is no secret."""
        return f"meridian-domain={self.code}"
