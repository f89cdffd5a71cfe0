from __future__ import annotations

import re
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.plans.models import Plan
from catalog.scopes.models import Purpose, Scope
from partners.applications.models import Client
from portal.access.actors import Actor, Role
from portal.accounts.models import User
from portal.states import Stateful


class Tier(models.IntegerChoices):
    """How much harm an access could do; a high one needs two different people to approve it."""

    LOW = 1, "Low"
    MODERATE = 2, "Moderate"
    HIGH = 3, "High"
    SEVERE = 4, "Severe"


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.roles & {Role.ADMIN, Role.REVIEWER, Role.SECURITY}:
            return self
        return self.filter(client__application__organization__in=actor.memberships)

    def open(self) -> Self:
        return self.filter(status=AccessRequest.Status.IN_REVIEW)

    def numbered(self, number: str) -> Self:
        """Return the one request that shows as `REQ-0007`, if there is one."""
        digits = re.fullmatch(r"REQ-([0-9]{4,12})", number)
        return self.filter(pk=int(digits[1])) if digits else self.none()


class AccessRequest(Stateful):
    """An application's wish to use a plan with some scopes, as it was when it was sent.

    `uses` is the snapshot that is decided on: a list of `{scope, purpose_id, why, is_required,
    retention_days}`. A vote is bound to `digest`, so nothing can change under a decision.
    """

    class Status(models.TextChoices):
        IN_REVIEW = "in_review"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    moves = {
        Status.IN_REVIEW: {Status.APPROVED, Status.REJECTED, Status.WITHDRAWN},
        Status.APPROVED: set(),
        Status.REJECTED: set(),
        Status.WITHDRAWN: set(),
    }

    client = models.ForeignKey(Client, models.PROTECT, related_name="access_requests")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    uses = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    purpose = models.CharField(max_length=500)
    tier = models.PositiveSmallIntegerField(choices=Tier)
    status = models.CharField(max_length=24, choices=Status, default=Status.IN_REVIEW)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="access_request_decided_iff_dated",
                condition=Q(status="in_review", decided_at__isnull=True)
                | ~Q(status="in_review") & Q(decided_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["client", "plan"],
                condition=Q(status="in_review"),
                name="access_request_one_open",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"REQ-{self.pk:04d}"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self, *, at: datetime) -> Self:
        """Return what may be used at that instant; the sweep need not have run."""
        return self.filter(status=Subscription.Status.ACTIVE, starts_at__lte=at, ends_at__gt=at)

    def live(self) -> Self:
        """Return what has not been ended by anybody yet."""
        return self.filter(status__in=[Subscription.Status.ACTIVE, Subscription.Status.PAUSED])

    def overdue(self, *, at: datetime) -> Self:
        return self.filter(
            status__in=[Subscription.Status.ACTIVE, Subscription.Status.PAUSED], ends_at__lte=at
        )


class Subscription(Stateful):
    """A client's right to call an API under a plan, with some scopes, for a time."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        EXPIRED = "expired"
        REVOKED = "revoked"

    moves = {
        Status.ACTIVE: {Status.PAUSED, Status.EXPIRED, Status.REVOKED},
        Status.PAUSED: {Status.ACTIVE, Status.EXPIRED, Status.REVOKED},
        Status.EXPIRED: set(),
        Status.REVOKED: set(),
    }

    client = models.ForeignKey(Client, models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions")
    request = models.OneToOneField(
        AccessRequest, models.PROTECT, null=True, related_name="subscription"
    )
    status = models.CharField(max_length=24, choices=Status, default=Status.ACTIVE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "plan"],
                condition=Q(status__in=["active", "paused"]),
                name="subscription_one_live",
            ),
            models.CheckConstraint(
                name="subscription_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="subscription_ended_iff_dated",
                condition=Q(status__in=["active", "paused"], ended_at__isnull=True)
                | Q(status__in=["expired", "revoked"], ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} on {self.plan}"


class ApprovedUse(models.Model):
    """A scope that a subscription covers, with the purpose and retention that were approved."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="uses")
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=160, blank=True, default="")
    is_required = models.BooleanField(default=False)
    retention_days = models.PositiveIntegerField(default=0)
    # For how long a customer may be asked to share at most, and how far back dated data may go.
    max_days = models.PositiveSmallIntegerField(default=365)
    look_back_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "scope"], name="approved_use_once_per_scope"
            ),
            models.CheckConstraint(
                name="approved_use_at_most_a_year", condition=Q(max_days__gte=1, max_days__lte=365)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope_id} for {self.subscription_id}"
