"""Who signed in to which client, and whom we promised to tell of the end."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consent.arrangements.models import Customer
from partners.applications.models import Client


class SignInQuerySet(models.QuerySet["SignIn"]):
    def running(self) -> Self:
        return self.filter(ended_at=None)


class SignIn(models.Model):
    """A person, signed in to one client from one session of theirs: what an id token's `sid` names.

    `session` is a keyed digest, `subject` the customer's name for this client's application.
    """

    sid = models.CharField(max_length=43, unique=True)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    session = models.CharField(max_length=64)
    subject = models.UUIDField()
    methods = models.JSONField(default=list)
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "session", "client"],
                condition=Q(ended_at=None),
                name="sign_in_once_per_session",
            ),
        ]
        indexes = [models.Index(fields=["begun_at"], name="sign_in_by_beginning")]

    def __str__(self) -> str:
        return f"sign-in {self.pk}"


class SignedIn(models.Model):
    """Something that tells its client who signed in; both are empty where nobody asked `openid`."""

    sign_in = models.ForeignKey(SignIn, models.SET_NULL, null=True, related_name="+")
    # Of the code's own question: a later sign-in of the same session leaves it alone.
    signed_in_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class LogoutNoticeQuerySet(models.QuerySet["LogoutNotice"]):
    def due(self, *, at: datetime) -> Self:
        return self.filter(delivered_at=None, given_up_at=None, next_attempt_at__lte=at).order_by(
            "next_attempt_at", "pk"
        )


class LogoutNotice(models.Model):
    """A promise to tell a client that a sign-in has ended (OpenID Connect Back-Channel Logout)."""

    sign_in = models.OneToOneField(SignIn, models.CASCADE, related_name="notice")
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    # What came of the last attempt, as a code.
    outcome = models.CharField(max_length=40, blank=True, default="")

    objects = LogoutNoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="logout_notice_waiting",
                condition=Q(delivered_at=None, given_up_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"logout notice {self.pk}"
