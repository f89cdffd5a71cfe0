"""What ties a code or token to an arrangement, and to who may use it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import OuterRef, Q

from consent.arrangements.models import Arrangement, Pseudonym
from consent.campaigns.models import due_by
from consent.oauth.openid import PROTOCOL_SCOPES
from consent.proofs.holders import Holder


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
                ).values("subject")[:1],
                due_by=due_by("arrangement_id"),
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
    # When what nobody has been asked about yet ends; read beside the row, see `due_by`.
    due_by: datetime | None
    # Each kind has the column from the library that it builds on.
    scope: str

    objects = BoundQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def backing(self) -> Arrangement:
        """Return the arrangement of something that cannot have been issued without one."""
        if self.arrangement is None:
            raise ValueError(f"{self!r} was issued under no arrangement.")
        return self.arrangement

    @property
    def only_signs_in(self) -> bool:
        """Whether it says who somebody is and opens no data: a pause stops data, no sign-in."""
        scopes = set(self.scope.split())
        return bool(scopes) and scopes <= PROTOCOL_SCOPES

    def is_backed(self, *, at: datetime) -> bool:
        """Whether the arrangement still carries it; without one there is nothing to end."""
        if self.arrangement is None:
            return True
        if self.epoch != self.arrangement.epoch:
            return False
        return self.arrangement.is_active(at=at) or (
            self.only_signs_in and self.arrangement.is_running(at=at)
        )

    def is_paused(self, *, at: datetime) -> bool:
        """Whether it counts again once the customer resumes what they have paused."""
        if self.arrangement is None or not self.arrangement.is_paused(at=at):
            return False
        return self.epoch == self.arrangement.epoch and not self.only_signs_in


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
