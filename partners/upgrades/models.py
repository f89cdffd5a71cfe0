from __future__ import annotations

from django.db import models
from django.utils import timezone

from catalog.changes.models import Deprecation
from partners.applications.models import Client
from portal.accounts.models import User


class Acknowledgement(models.Model):
    """That somebody of a partner knows that a version ends which their client uses."""

    deprecation = models.ForeignKey(Deprecation, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    acknowledged_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deprecation", "client"], name="acknowledged_once_per_client"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deprecation_id} by {self.client_id}"
