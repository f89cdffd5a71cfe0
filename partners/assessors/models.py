from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from partners.organizations.models import Organization
from portal.access.actors import Actor, Role
from portal.accounts.models import User

LONGEST = timedelta(days=60)


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def live(self, *, at: datetime) -> Self:
        """Return what opens a file at that instant; no job has to have run."""
        return self.filter(ended_at=None, starts_at__lte=at, ends_at__gt=at).exclude(
            organization__status=Organization.Status.CLOSED
        )

    def of(self, actor: Actor) -> Self:
        """Return those of the person whose verified address was invited.

        Nobody assesses an organization of their own, and staff have pages of theirs.
        """
        if actor.is_staff or actor.person_id is None:
            return self.none()
        proven = EmailAddress.objects.filter(user=actor.person_id, verified=True)
        mine = self.filter(email__in=[one.email.lower() for one in proven])
        return mine.exclude(organization__in=actor.memberships)


class Engagement(models.Model):
    """A stranger's way into one partner's file, for a time: an assessor from outside."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    email = models.EmailField()
    firm = models.CharField(max_length=120)
    engaged_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = EngagementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="engagement_has_a_short_end",
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST),
            ),
            models.CheckConstraint(
                name="engagement_email_is_lower_case",
                condition=Q(email=models.functions.Lower("email")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.firm} for {self.organization_id}"

    def get_absolute_url(self) -> str:
        return reverse("assessors:file", args=[self.organization.slug])

    def reader(self, actor: Actor) -> Actor:
        """Return the person as an assessor of this one organization, and of nothing else."""
        return Actor(
            id=actor.id,
            name=actor.name,
            memberships={self.organization_id: frozenset({Role.ASSESSOR})},
            person_id=actor.person_id,
        )

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and self.starts_at <= timezone.now() < self.ends_at
