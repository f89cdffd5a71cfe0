from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from partners.applications.models import Client
from portal.events.models import Event


class Stream(models.Model):
    """Where the news of one client stands: the number that its last piece of news got."""

    client = models.OneToOneField(Client, models.CASCADE, related_name="+", primary_key=True)
    last_number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"stream of {self.client_id}"


class SignalQuerySet(models.QuerySet["Signal"]):
    def of(self, client: Client) -> Self:
        """Return a client's news in the order in which it came."""
        return self.filter(stream=client.pk).select_related("event").order_by("number")

    def unread(self) -> Self:
        return self.filter(taken_at=None)

    def older_than(self, at: datetime) -> Self:
        return self.filter(created_at__lt=at)


class Signal(models.Model):
    """One event in the order of one client's news.

    The stream's row is held while a number is given out, and until the commit: numbers appear in
    order and without gaps, so whoever has read up to one has missed nothing before it.
    """

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="signals")
    number = models.PositiveBigIntegerField()
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # When the client said that it has the token (RFC 8936 §2.4); who reads by cursor says nothing.
    taken_at = models.DateTimeField(null=True)
    # What the client could not do with it, as it said.
    fault = models.CharField(max_length=60, blank=True, default="")

    objects = SignalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "number"], name="signal_number_is_unique"),
            models.UniqueConstraint(fields=["stream", "event"], name="signal_once_per_event"),
        ]
        indexes = [models.Index(fields=["created_at"], name="signal_by_age")]

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.number}"
