from __future__ import annotations

from django.db import models
from django.utils import timezone

from catalog.apis.models import Api


class Environment(models.TextChoices):
    SANDBOX = "sandbox", "Sandbox"
    PRODUCTION = "production", "Production"


class Plan(models.Model):
    """The terms on which an API may be called in one environment."""

    class Approval(models.TextChoices):
        AUTOMATIC = "automatic"
        REVIEW = "review"

    api = models.ForeignKey(Api, models.PROTECT, related_name="plans")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    environment = models.CharField(max_length=12, choices=Environment)
    approval = models.CharField(max_length=12, choices=Approval)
    grant_days = models.PositiveIntegerField(default=365)
    # How long before its end a version of the API is announced to whoever uses it under this plan.
    notice_days = models.PositiveSmallIntegerField(default=180)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api", "code"], name="plan_code_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.api} {self.name}"


class Limit(models.Model):
    """How many calls a client may make in a window of that many seconds."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="limits")
    window_seconds = models.PositiveIntegerField()
    call_count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "window_seconds"], name="limit_once_per_window"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_count} calls in {self.window_seconds} s"
