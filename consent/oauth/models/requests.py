"""Authorization requests: as clients pushed them, and as a customer's screen showed them."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.utils import timezone

from consent.arrangements.models import ArrangementVersion, Customer
from consent.oauth.models.tokens import DeviceGrant
from partners.applications.models import Client


class PushedRequest(models.Model):
    """An authorization request that a client has pushed; a browser knows it by its reference."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    # Of the reference at the end of the request URI.
    digest = models.CharField(max_length=64, unique=True)
    parameters = models.JSONField()
    expires_at = models.DateTimeField()
    # When somebody decided; looking at it does not use it up.
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="pushed_request_by_end")]

    def __str__(self) -> str:
        return f"pushed request {self.pk}"


class IntentQuerySet(models.QuerySet["AuthorizationIntent"]):
    def current(self, *, at: datetime) -> Self:
        return self.filter(expires_at__gt=at)


class AuthorizationIntent(models.Model):
    """An authorization request on a customer's screen: what was asked and the words shown.

    The form holds only its id, so nothing that a browser sends can change what is decided on.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    pushed = models.ForeignKey(PushedRequest, models.SET_NULL, null=True, related_name="intents")
    # The device that waits for the answer; without one a browser carries it.
    device = models.ForeignKey(DeviceGrant, models.CASCADE, null=True, related_name="+")
    digest = models.CharField(max_length=64)
    request = models.JSONField()
    notice = models.JSONField()
    # When the words were drawn up, and what the customer shared with the client then, if anything.
    asked_at = models.DateTimeField(default=timezone.now)
    stands_on = models.ForeignKey(ArrangementVersion, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    objects = IntentQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "digest"], name="intent_by_request"),
            models.Index(fields=["expires_at"], name="intent_by_end"),
        ]

    def __str__(self) -> str:
        return f"intent {self.pk}"
