from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.urls import reverse

from partners.applications.models import Application
from partners.organizations.models import Organization
from partners.webhooks.addresses import valid_address
from partners.webhooks.events import TRIALS
from portal.access.actors import Actor
from portal.events.models import Event
from portal.states import Stateful

# What is queued for them waits, and is dropped when they end.
STOPPED = (Organization.Status.SUSPENDED, Organization.Status.CLOSED)


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(organization_id__in=actor.memberships)

    def told_of(self, event: Event) -> Self:
        """Return who hears of it: not what was added later, switched off, or for another app."""
        return self.filter(
            Q(application=None) | Q(application__slug=event.facts.get("application", "")),
            organization_id=event.organization_id,
            created_at__lte=event.recorded_at,
        ).exclude(
            Q(status=Endpoint.Status.DISABLED) | Q(organization__status=Organization.Status.CLOSED)
        )


class Endpoint(Stateful):
    """An address of a partner's that wants to hear what happens to its access and consents."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        FAILING = "failing"
        DISABLED = "disabled"

    class Format(models.TextChoices):
        """What is sent: JSON with a signature of a shared secret, or a token of the issuer's."""

        STANDARD = "standard", "Standard Webhooks"
        TOKEN = "token", "Security Event Tokens"

    moves = {
        Status.PENDING: {Status.ACTIVE, Status.DISABLED},
        Status.ACTIVE: {Status.FAILING, Status.DISABLED},
        Status.FAILING: {Status.ACTIVE, Status.DISABLED},
        Status.DISABLED: {Status.PENDING},
    }

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="+", null=True, blank=True
    )
    url = models.CharField(max_length=500, validators=[valid_address])
    format = models.CharField(max_length=12, choices=Format, default=Format.STANDARD)
    sealed_secret = models.TextField()
    # The one before still signs until then, so that a receiver can change over in its own time.
    previous_secret = models.TextField(blank=True, default="")
    previous_ends_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=24, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(db_default=Now())
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=24, blank=True, default="")

    objects = EndpointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "application", "url"],
                name="endpoint_once_per_address",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="endpoint_disabled_iff_dated",
                condition=Q(status="disabled", disabled_at__isnull=False)
                | ~Q(status="disabled") & Q(disabled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def has_to_repeat(self) -> bool:
        return self.status == self.Status.PENDING and self.is_signed_by_secret

    @property
    def is_signed_by_secret(self) -> bool:
        return self.format == self.Format.STANDARD

    def get_absolute_url(self) -> str:
        return reverse("webhooks:endpoint", args=[self.pk])


# An address hears of nothing but its trial until it has repeated the word of it.
_UNPROVEN = Q(endpoint__status=Endpoint.Status.PENDING, endpoint__format=Endpoint.Format.STANDARD)


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(endpoint__organization_id__in=actor.memberships)

    def waiting(self) -> Self:
        return self.filter(status=Message.Status.WAITING)

    def due(self, *, at: datetime) -> Self:
        return (
            self.waiting()
            .filter(next_attempt_at__lte=at)
            .exclude(endpoint__status=Endpoint.Status.DISABLED)
            .exclude(_UNPROVEN, ~Q(kind__in=TRIALS))
            .exclude(endpoint__organization__status__in=STOPPED)
            .order_by("next_attempt_at", "id")
        )

    def with_last_attempt(self) -> Self:
        last = Attempt.objects.filter(message=OuterRef("pk")).order_by("-number")
        return self.annotate(
            last_status=Subquery(last.values("status_code")[:1]),
            last_outcome=Subquery(last.values("outcome")[:1]),
            last_took_ms=Subquery(last.values("took_ms")[:1]),
        )


class Message(Stateful):
    """One event on its way to one endpoint; the body is written once, so its signature holds."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    moves = {
        Status.WAITING: {Status.DELIVERED, Status.FAILED},
        Status.DELIVERED: {Status.WAITING},
        Status.FAILED: {Status.WAITING},
    }

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="messages")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=80)
    body = models.TextField()
    status = models.CharField(max_length=24, choices=Status, default=Status.WAITING)
    created_at = models.DateTimeField(db_default=Now())
    next_attempt_at = models.DateTimeField(db_default=Now())
    attempt_count = models.PositiveSmallIntegerField(default=0)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "endpoint"], name="webhook_message_once_per_endpoint"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="webhook_message_waiting",
                condition=Q(status="waiting"),
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_message_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.endpoint_id}"

    def get_absolute_url(self) -> str:
        return reverse("webhooks:message", args=[self.pk])


class Attempt(models.Model):
    """One request to the endpoint. Without an outcome the worker that made it did not come back."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    status_code = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=24, blank=True, default="")
    took_ms = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="attempt_once_per_number"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.message_id}"

    @property
    def is_delivered(self) -> bool:
        return self.outcome == "delivered"
