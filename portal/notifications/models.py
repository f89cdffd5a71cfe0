from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import User

# What the folders of the mail templates are called on a page.
AREAS = {
    "accounts": "Account",
    "agreements": "Agreement",
    "applications": "Application",
    "arrangements": "Sharing",
    "arrangements-partner": "Sharing, told to the partner",
    "campaigns-partner": "Asking again, told to the partner",
    "endings": "End of the relationship",
    "findings": "Finding",
    "guardians": "Children and guardians",
    "impact": "Privacy impact",
    "invitations": "Invitation",
    "joint": "Held with others",
    "oauth": "Codes and tokens",
    "oauth-staff": "Codes and tokens, told to staff",
    "organizations": "Organisation",
    "remarks": "Answer",
    "reminders": "Reminder",
    "renewals": "Renewal of answers",
    "reviews": "Review",
    "rights": "Rights",
    "rights-partner": "Rights, told to the partner",
    "rights-staff": "Rights, told to staff",
    "subscriptions": "Access",
    "upgrades": "Changes of APIs",
    "webhooks": "Webhook",
}


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, *, at: datetime) -> Self:
        """Return mail that waits; what failed too often waits for a person."""
        return self.filter(sent_at=None, failed_at=None, next_attempt_at__lte=at).order_by(
            "next_attempt_at", "id"
        )

    def parked(self) -> Self:
        return self.filter(failed_at__isnull=False)

    def news_of(self, user: User) -> Self:
        """Return what is worth reading later: a code or a one-time link is not."""
        return self.filter(user=user, is_sensitive=False).order_by("-created_at", "-id")

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def written_to(self, address: str, *, kind: str) -> Self:
        return self.filter(address=address.lower(), kind=kind)


class Message(models.Model):
    """News for one person: one mail, and unless it is sensitive a line on their notices page.

    It goes when the person goes, for it is about nobody else; the event log keeps that it was news.
    """

    key = models.CharField(max_length=200, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="messages")
    address = models.EmailField(max_length=254)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    link = models.CharField(max_length=500, blank=True, default="")
    is_sensitive = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    # Without an instant no mail is wanted.
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="message_is_sent_or_failed",
                condition=Q(sent_at=None) | Q(failed_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="message_waiting",
                condition=Q(sent_at=None, failed_at=None, next_attempt_at__isnull=False),
            ),
            models.Index(fields=["user", "-created_at"], name="message_by_user"),
            models.Index(fields=["address", "kind", "created_at"], name="message_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"

    @property
    def kind_in_words(self) -> str:
        """Return `applications/credential_issued` as “Application: credential issued”."""
        area, _, news = self.kind.rpartition("/")
        return f"{AREAS.get(area, area)}: {news}".replace("_", " ")


class Preference(models.Model):
    """Whether a person wants the optional news by mail too; some news always comes by mail."""

    user = models.OneToOneField(User, models.CASCADE, related_name="message_preference")
    wants_mail = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{'mail' if self.wants_mail else 'no mail'} for {self.user_id}"
