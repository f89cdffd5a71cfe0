from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from partners.organizations.models.organization import Organization
from portal.access.actors import MEMBER_ROLES, Role
from portal.accounts.models import User
from portal.states import Stateful

# An owner is made by handing over, which the person agrees to; never by a link in a mail.
INVITED_ROLES = MEMBER_ROLES - {Role.OWNER}


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, *, at: datetime) -> Self:
        return self.filter(status=Invitation.Status.SENT, expires_at__gt=at)


class Invitation(Stateful):
    """A place in an organization, held for whoever reads that mailbox.

    The link is kept as a keyed digest: it stands in the mail and nowhere else.
    """

    class Status(models.TextChoices):
        SENT = "sent"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        REVOKED = "revoked"

    moves = {
        Status.SENT: {Status.ACCEPTED, Status.DECLINED, Status.REVOKED},
        Status.ACCEPTED: set(),
        Status.DECLINED: set(),
        Status.REVOKED: set(),
    }

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    roles = ArrayField(
        models.CharField(
            max_length=24, choices=[(role.value, role.value) for role in sorted(INVITED_ROLES)]
        )
    )
    digest = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=24, choices=Status, default=Status.SENT)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(status="sent"),
                name="invitation_once_per_address",
            ),
            models.CheckConstraint(
                name="invitation_ended_iff_dated",
                condition=Q(status="sent", ended_at=None)
                | ~Q(status="sent") & Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def is_open(self, *, at: datetime) -> bool:
        return self.status == Invitation.Status.SENT and at < self.expires_at

    def is_for(self, user: User) -> bool:
        """Whether that is the person's address; signing in has proved that they read it."""
        return self.email.lower() == user.email.lower()
