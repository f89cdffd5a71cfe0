from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from partners.organizations.models.organization import Organization
from portal.accounts.models import User
from portal.states import Stateful


class OwnershipOfferQuerySet(models.QuerySet["OwnershipOffer"]):
    def open(self, *, at: datetime) -> Self:
        return self.filter(status=OwnershipOffer.Status.OFFERED, expires_at__gt=at)


class OwnershipOffer(Stateful):
    """An owner's offer to another member, which that member has to take: two people decide."""

    class Status(models.TextChoices):
        OFFERED = "offered"
        TAKEN = "taken"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    moves = {
        Status.OFFERED: {Status.TAKEN, Status.DECLINED, Status.WITHDRAWN},
        Status.TAKEN: set(),
        Status.DECLINED: set(),
        Status.WITHDRAWN: set(),
    }

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="ownership_offers")
    offered_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    offered_to = models.ForeignKey(User, models.CASCADE, related_name="+")
    # Whether the old owner stops being one; otherwise both are.
    steps_down = models.BooleanField()
    status = models.CharField(max_length=24, choices=Status, default=Status.OFFERED)
    offered_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OwnershipOfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(status="offered"),
                name="ownership_offered_once_at_a_time",
            ),
            models.CheckConstraint(
                name="ownership_is_offered_to_another",
                condition=~Q(offered_by=models.F("offered_to")),
            ),
            models.CheckConstraint(
                name="ownership_offer_ended_iff_dated",
                condition=Q(status="offered", ended_at=None)
                | ~Q(status="offered") & Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"ownership of {self.organization_id}"
