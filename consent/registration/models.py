"""Who may register clients by program, and by what such a client is managed afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from partners.applications.models import Client
from partners.organizations.models import Organization
from portal.accounts.models import User


class InitialTokenQuerySet(models.QuerySet["InitialToken"]):
    def live(self, *, at: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=at, used_count__lt=F("max_count"))


class InitialToken(models.Model):
    """An initial access token (RFC 7591 §3): it registers so many clients and does nothing else."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    max_count = models.PositiveSmallIntegerField()
    used_count = models.PositiveSmallIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    objects = InitialTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="initial_token_used_within_its_count",
                condition=Q(used_count__lte=F("max_count")),
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"

    @property
    def is_used_up(self) -> bool:
        return self.used_count >= self.max_count


class Registration(models.Model):
    """A client that a program registered; the token that manages it is a digest (RFC 7592 §3)."""

    client = models.OneToOneField(Client, models.PROTECT, related_name="+")
    token = models.ForeignKey(InitialToken, models.PROTECT, related_name="registrations")
    digest = models.CharField(max_length=64, unique=True)
    registered_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"registration of {self.client_id}"
