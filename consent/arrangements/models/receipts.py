"""What a customer keeps of each change."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consent.arrangements.models.proof import immutable
from consent.arrangements.models.versions import ArrangementVersion
from portal.events.models import Event


class Receipt(models.Model):
    """Proof for the customer of what was given or ended: the record itself, digest and signature.

    `signature` is a detached JWS (RFC 7515, Appendix F) over the canonical bytes of `body`.
    """

    number = models.CharField(max_length=24, unique=True)
    version = models.ForeignKey(ArrangementVersion, models.PROTECT, related_name="receipts")
    event_kind = models.CharField(max_length=80)
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    event = models.OneToOneField(Event, models.PROTECT, null=True, related_name="+")
    signature = models.TextField(default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # A version may be paused and resumed many times, each by an event of its own.
            models.UniqueConstraint(
                fields=["version", "event_kind"],
                condition=~Q(event_kind__endswith=".paused") & ~Q(event_kind__endswith=".resumed"),
                name="receipt_once_per_happening",
            ),
        ]
        triggers = immutable("receipt_immutable")

    def __str__(self) -> str:
        return self.number
