"""The tokens and codes of the authorization server, swapped in for the engine's own models.

Each is tied to the arrangement, its version and its epoch at issue. At rest there are only keyed
digests: the engine's `token` columns stay empty. Nothing here is ever the ceiling of what a token
may do: the arrangement is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from consent.arrangements.models import Arrangement, ArrangementVersion, Customer, Pseudonym
from consent.oauth.callers import Holder
from partners.applications.models import Client


class BoundQuerySet(models.QuerySet[Any]):
    def held(self, client_id: int, **digest: str) -> Self:
        """Return the client's row with that digest and hold its arrangement.

        Whoever ends or narrows the arrangement waits until this transaction is over, or this one
        waits and then sees what they did. Fields of the row itself may have changed while waiting:
        a claim is an UPDATE with its condition.
        """
        return (
            self.filter(arrangement__client=client_id, application=client_id, **digest)
            .select_related("user", "arrangement__customer", "sign_in")
            .annotate(
                subject=Pseudonym.objects.filter(
                    application=OuterRef("arrangement__client__application"),
                    customer=OuterRef("arrangement__customer"),
                ).values("subject")[:1]
            )
            .select_for_update(of=("arrangement",), no_key=True)
        )

    def of_arrangement(self, arrangement_id: Any) -> Self:
        return self.filter(arrangement=arrangement_id)


# Tied to an arrangement, the version under which it was issued, and its epoch then.
BOUND = Q(arrangement__isnull=False, version_number__gte=1, epoch__gte=1)


class Bound(models.Model):
    """Something issued under an arrangement; client credentials have none and reach no customer."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, null=True, related_name="+")
    version_number = models.PositiveIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    # Single cases that it is limited to (RFC 9396), each pinned to its type's version.
    details = models.JSONField(default=list)

    objects = BoundQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def backing(self) -> Arrangement:
        """Return the arrangement of something that cannot have been issued without one."""
        if self.arrangement is None:
            raise ValueError(f"{self!r} was issued under no arrangement.")
        return self.arrangement

    def is_backed(self, *, at: datetime) -> bool:
        """Whether the arrangement still carries it; without one there is nothing to end."""
        if self.arrangement is None:
            return True
        return self.arrangement.is_active(at=at) and self.epoch == self.arrangement.epoch

    def is_paused(self, *, at: datetime) -> bool:
        """Whether it counts again once the customer resumes what they have paused."""
        if self.arrangement is None or not self.arrangement.is_paused(at=at):
            return False
        return self.epoch == self.arrangement.epoch


class SenderConstrained(models.Model):
    """Something that only the holder of a key may use; both are empty where anybody may.

    Base64url SHA-256 thumbprints, as `cnf` carries them: `jkt` (RFC 9449 §6.1) of the key that
    signs DPoP proofs, `x5t_s256` (RFC 8705 §3.1) of the client's certificate.
    """

    jkt = models.CharField(max_length=43, blank=True, default="")
    x5t_s256 = models.CharField(max_length=43, blank=True, default="")

    class Meta:
        abstract = True

    @property
    def confirmation(self) -> dict[str, str]:
        """Return the `cnf` members (RFC 7800) that say whose it is."""
        members = {"jkt": self.jkt, "x5t#S256": self.x5t_s256}
        return {name: value for name, value in members.items() if value}

    @property
    def token_type(self) -> str:
        return "DPoP" if self.jkt else "Bearer"

    def may_be_used_by(self, holder: Holder) -> bool:
        """Whether that caller holds every key that this is bound to."""
        return self.jkt in {"", holder.jkt} and self.x5t_s256 in {"", holder.x5t_s256}


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
