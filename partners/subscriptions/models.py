from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.urls import reverse
from django.utils import timezone

from catalog.plans.models import Plan
from catalog.scopes.models import Purpose, Scope
from partners.agreements.models import Version
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


# For how many days a grant is given at most, and after how many an undecided request lapses.
GRANT_DAYS = {Tier.LOW: 365, Tier.MODERATE: 365, Tier.HIGH: 183, Tier.SEVERE: 92}
LAPSES_AFTER = {Tier.LOW: 10, Tier.MODERATE: 14, Tier.HIGH: 21, Tier.SEVERE: 30}


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.roles & {Role.ADMIN, Role.REVIEWER, Role.SECURITY}:
            return self
        return self.filter(client__application__organization__in=actor.memberships)

    def open(self) -> Self:
        return self.filter(status=AccessRequest.Status.IN_REVIEW)

    def lapsed(self, *, at: datetime) -> Self:
        """Return what nobody decided in time; it cannot be approved any more."""
        late = Q()
        for tier, days in LAPSES_AFTER.items():
            late |= Q(tier=tier, requested_at__lte=at - timedelta(days=days))
        return self.open().filter(late)

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

    @property
    def lapses_at(self) -> datetime:
        return self.requested_at + timedelta(days=LAPSES_AFTER[Tier(self.tier)])


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self, *, at: datetime) -> Self:
        """Return what may be used at that instant; the sweep need not have run.

        A condition that is past its day holds the access back until it is met, and so does an
        agreement that binds its partner and was not accepted.
        """
        broken = Condition.objects.broken(at=at).filter(subscription=OuterRef("pk"))
        partner = OuterRef(OuterRef("client__application__organization"))
        unaccepted = Version.objects.owed_by(partner).binding(at=at)
        return self.filter(
            ~Exists(broken),
            ~Exists(unaccepted),
            status=Subscription.Status.ACTIVE,
            starts_at__lte=at,
            ends_at__gt=at,
        )

    def live(self) -> Self:
        """Return what has not been ended by anybody yet."""
        return self.filter(status__in=[Subscription.Status.ACTIVE, Subscription.Status.PAUSED])

    def ended_by_the_clock_or_live(self) -> Self:
        """Leave out what somebody ended or replaced: its own end comes to nobody."""
        by_the_clock = Q(status=Subscription.Status.EXPIRED, ended_at=F("ends_at"))
        return self.filter(by_the_clock | Q(ended_at=None))

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

    class Pause(models.TextChoices):
        """Why it rests: each reason is lifted by itself, and the last one lets it work again."""

        PARTNER = "partner", "You paused it"
        SECURITY = "security", "Our security team paused it"
        REVIEW = "review", "It is being looked at again"

    client = models.ForeignKey(Client, models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions")
    request = models.OneToOneField(
        AccessRequest, models.PROTECT, null=True, related_name="subscription"
    )
    status = models.CharField(max_length=24, choices=Status, default=Status.ACTIVE)
    pauses = ArrayField(
        models.CharField(max_length=12, choices=Pause), default=list, db_default=Value([])
    )
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
                name="subscription_paused_iff_for_a_reason",
                condition=Q(status="paused") & ~Q(pauses=[])
                | Q(status="active", pauses=[])
                | Q(status__in=["expired", "revoked"]),
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

    def get_absolute_url(self) -> str:
        return reverse("subscriptions:subscription", args=[self.client.application.slug, self.pk])

    @property
    def is_live(self) -> bool:
        """Whether nobody has ended it yet; whether it works is for `active(at=)` to say."""
        return self.status in {Subscription.Status.ACTIVE, Subscription.Status.PAUSED}

    @property
    def pause_words(self) -> list[str]:
        return [Subscription.Pause(reason).label for reason in self.pauses]


class ConditionQuerySet(models.QuerySet["Condition"]):
    def owed(self) -> Self:
        return self.filter(met_at=None, due_at__isnull=False)

    def broken(self, *, at: datetime) -> Self:
        """Return what was not met by its instant, whether or not somebody wrote that down."""
        return self.owed().filter(due_at__lte=at)


class Condition(models.Model):
    """What an access is bound to. Every kind is one that a comparison enforces; words are not."""

    class Kind(models.TextChoices):
        PENTEST = "pentest_due", "Report of a penetration test"
        ASSURANCE = "assurance_due", "Independent report (SOC 2, ISO 27001)"
        DELETION = "deletion_due", "Proof that deletion works"
        DAILY_CALLS = "daily_calls", "Fewer calls a day"

    DUE = (Kind.PENTEST, Kind.ASSURANCE, Kind.DELETION)

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="conditions")
    kind = models.CharField(max_length=16, choices=Kind)
    due_at = models.DateTimeField(null=True)
    call_count = models.PositiveIntegerField(null=True)
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = ConditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "kind"], name="condition_once_a_kind"),
            models.CheckConstraint(
                name="condition_is_due_or_a_limit",
                condition=Q(kind="daily_calls", call_count__gte=1, due_at__isnull=True)
                | ~Q(kind="daily_calls") & Q(call_count__isnull=True, due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="condition_met_by_somebody",
                condition=Q(met_at__isnull=True, met_by__isnull=True)
                | Q(met_at__isnull=False, met_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription"], name="condition_owed", condition=Q(met_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.subscription_id}"

    def is_broken(self, *, at: datetime) -> bool:
        return self.met_at is None and self.due_at is not None and at >= self.due_at


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
