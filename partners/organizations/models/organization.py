from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from partners.organizations.countries import NAME_OF
from portal.access.actors import MEMBER_ROLES, Actor, Role
from portal.accounts.models import User
from portal.states import Stateful


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.roles & {Role.ADMIN, Role.REVIEWER, Role.SECURITY, Role.PRIVACY}:
            return self
        return self.filter(pk__in=actor.memberships)


class Organization(Stateful):
    """A partner: the company that answers for its applications."""

    class Status(models.TextChoices):
        REGISTERED = "registered"
        APPROVED = "approved"
        SUSPENDED = "suspended"
        CLOSED = "closed"

    moves = {
        Status.REGISTERED: {Status.APPROVED, Status.CLOSED},
        Status.APPROVED: {Status.SUSPENDED, Status.CLOSED},
        Status.SUSPENDED: {Status.APPROVED, Status.CLOSED},
        Status.CLOSED: set(),
    }

    SECTORS = (
        ("health", "Health and care"),
        ("fitness", "Fitness and coaching"),
        ("payments", "Payments and banking"),
        ("insurance", "Insurance"),
        ("research", "Research"),
        ("other", "Something else"),
    )

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    city = models.CharField(max_length=60, blank=True, default="")
    country = models.CharField(max_length=2)
    website = models.URLField(max_length=200, blank=True, default="")
    sector = models.CharField(max_length=40, blank=True, default="")
    status = models.CharField(max_length=24, choices=Status, default=Status.REGISTERED)
    joined_at = models.DateTimeField(default=timezone.now)
    # Until its people say who they are, an organization is a sandbox under a name of ours.
    introduced_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    approved_at = models.DateTimeField(null=True, blank=True)
    # Until when what we know of its security is good enough for production; empty: without end.
    cleared_until = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organization_approved_is_dated",
                condition=~Q(status__in=["approved", "suspended"]) | Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="organization_introduced_before_approved",
                condition=Q(approved_at=None) | Q(introduced_at__isnull=False),
            ),
            models.CheckConstraint(
                name="organization_suspended_iff_dated",
                condition=Q(status="suspended", suspended_at__isnull=False)
                | ~Q(status="suspended") & Q(suspended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="organization_closed_iff_dated",
                condition=Q(status="closed", closed_at__isnull=False)
                | ~Q(status="closed") & Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_cleared(self, *, at: datetime) -> bool:
        return self.cleared_until is None or at < self.cleared_until

    @property
    def country_name(self) -> str:
        return NAME_OF.get(self.country, self.country)


class Membership(models.Model):
    """A person's place in an organization, with the roles held there."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    roles = ArrayField(
        models.CharField(
            max_length=24, choices=[(role.value, role.value) for role in sorted(MEMBER_ROLES)]
        )
    )
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="membership_once_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organization_id}"
