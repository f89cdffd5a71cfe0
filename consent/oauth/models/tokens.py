"""Codes and tokens, swapped in for the engine's own models."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import models
from django.db.models import Q
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from consent.oauth.models.bound import BOUND, Bound, SenderConstrained
from consent.oauth.models.sign_ins import SignedIn
from partners.applications.models import Client


class Grant(Bound, SenderConstrained, SignedIn, AbstractGrant):
    """An authorization code; the row outlives its use so that a replay is recognised."""

    # Shared by every token that comes from this code.
    family = models.UUIDField(default=uuid4, editable=False)
    used_at = models.DateTimeField(null=True)

    class Meta(AbstractGrant.Meta):
        abstract = False
        swappable = "OAUTH2_PROVIDER_GRANT_MODEL"
        constraints = [models.CheckConstraint(name="grant_is_bound", condition=BOUND)]
        indexes = [models.Index(fields=["expires"], name="grant_by_end")]

    def is_live(self, *, at: datetime) -> bool:
        return bool(at < self.expires and self.user.is_active and self.is_backed(at=at))


class AccessToken(Bound, SenderConstrained, AbstractAccessToken):
    # The code or refresh family it came from, so that a replay can end all of it.
    family = models.UUIDField(null=True, db_index=True)
    # The row stays until it would have expired anyway, so that a refusal can say what happened.
    revoked_at = models.DateTimeField(null=True)

    class Meta(AbstractAccessToken.Meta):
        abstract = False
        swappable = "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL"
        # One for the client itself stands for nobody and under nothing.
        constraints = [
            models.CheckConstraint(
                name="access_token_is_bound_or_its_clients",
                condition=BOUND & Q(user__isnull=False)
                | Q(arrangement__isnull=True, user__isnull=True, version_number=0, epoch=0),
            )
        ]
        indexes = [models.Index(fields=["expires"], name="access_token_by_end")]

    def has_expired(self, *, at: datetime) -> bool:
        return bool(at >= self.expires)

    def is_live(self, *, at: datetime) -> bool:
        """Whether it counts at that instant, apart from what its scopes may still reach."""
        if self.revoked_at or self.has_expired(at=at) or not self.application.is_live:
            return False
        return self.is_backed(at=at) and (self.user is None or self.user.is_active)


class RefreshToken(Bound, SignedIn, AbstractRefreshToken):
    # Bound to the client, which proves itself each time: its DPoP key may change (RFC 9449 §5).
    # What the customer chose: a narrower refresh does not shrink it (RFC 6749 §6).
    scope = models.TextField(blank=True, default="")
    # The end of the arrangement when it was issued; nothing slides.
    expires_at = models.DateTimeField(null=True)

    class Meta(AbstractRefreshToken.Meta):
        abstract = False
        swappable = "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL"
        constraints = [
            models.CheckConstraint(name="refresh_token_is_bound", condition=BOUND),
        ]
        indexes = [
            models.Index(fields=["token_family"], name="refresh_token_by_family"),
            models.Index(fields=["expires_at"], name="refresh_token_by_end"),
        ]

    def is_live(self, *, at: datetime) -> bool:
        return (
            self.revoked is None
            and self.expires_at is not None
            and at < self.expires_at
            and self.user.is_active
            and self.is_backed(at=at)
        )


class IDToken(AbstractIDToken):
    class Meta(AbstractIDToken.Meta):
        abstract = False
        swappable = "OAUTH2_PROVIDER_ID_TOKEN_MODEL"


class DeviceGrant(Bound, SenderConstrained, SignedIn, AbstractDeviceGrant):
    """A device that waits for a customer's answer (RFC 8628); both codes are digests.

    `scope` is what the client asked for and, once the customer has answered, what was granted.
    """

    application = models.ForeignKey(Client, models.PROTECT, related_name="+")
    # When it was last asked for; nobody is too early the first time.
    last_checked = models.DateTimeField(null=True)
    family = models.UUIDField(default=uuid4, editable=False)
    used_at = models.DateTimeField(null=True)
    # What was asked, as an authorization request that no browser carries.
    request = models.JSONField(default=dict)

    class Meta(AbstractDeviceGrant.Meta):
        abstract = False
        swappable = "OAUTH2_PROVIDER_DEVICE_GRANT_MODEL"
        constraints = [
            *AbstractDeviceGrant.Meta.constraints,
            models.UniqueConstraint(fields=["user_code"], name="device_grant_once_per_code"),
        ]
        indexes = [models.Index(fields=["expires"], name="device_grant_by_end")]

    @property
    def resource(self) -> list[str]:
        return list(self.request.get("wishes", {}).get("resources", ()))

    def is_live(self, *, at: datetime) -> bool:
        """Whether what the customer answered still holds."""
        return bool(
            at < self.expires
            and self.user is not None
            and self.user.is_active
            and self.arrangement is not None
            and self.is_backed(at=at)
        )
