from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.inventory.gateways.routes import LABELS, Policy
from catalog.plans.models import Environment


class DeploymentQuerySet(models.QuerySet["Deployment"]):
    def unknown(self) -> Self:
        """Return what a gateway serves and the catalog does not know."""
        return self.filter(version=None)


class Deployment(models.Model):
    """A version at a gateway: where it is called there, and what is applied to a call.

    Without a version it is a route that the catalog does not know.
    """

    class Source(models.TextChoices):
        READ = "read", "Read from its configuration"
        ENTERED = "entered", "Entered by hand"

    version = models.ForeignKey(ApiVersion, models.CASCADE, null=True, related_name="deployments")
    environment = models.CharField(max_length=12, choices=Environment)
    gateway = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)
    base_url = models.CharField(max_length=400)
    policies = models.JSONField(default=list)
    source = models.CharField(max_length=8, choices=Source)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "gateway", "base_url"], name="deployment_once_per_gateway"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base_url} at {self.gateway}"

    @property
    def labels(self) -> list[str]:
        return [LABELS[Policy(name)] for name in self.policies]

    @property
    def is_guarded(self) -> bool:
        """Whether something there looks at who calls before the API does."""
        guards = {Policy.DECISION, Policy.TOKEN, Policy.KEY, Policy.CERTIFICATE}
        return bool(guards & set(self.policies))
