from __future__ import annotations

import json
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from consent.keys import material
from portal.secrets import seal, unseal
from portal.states import Stateful


class SigningKeyQuerySet(models.QuerySet["SigningKey"]):
    def published(self, *, at: datetime) -> Self:
        """Return what verifiers may find in the JWKS at that instant."""
        return self.trusted(at=at).filter(published_at__lte=at)

    def signing(self, *, at: datetime) -> Self:
        """Return the one key of each algorithm that signs at that instant, written down or not."""
        return self.published(at=at).filter(
            Q(retiring_at=None) | Q(retiring_at__gt=at), activated_at__lte=at
        )

    def trusted(self, *, at: datetime) -> Self:
        """Return every key whose signatures still count, or will."""
        return self.filter(
            Q(retired_at=None) | Q(retired_at__gt=at),
            published_at__isnull=False,
            # Whatever the clock of this machine says: a stolen key is trusted no more.
            compromised_at=None,
        )


class SigningKey(Stateful):
    """A key that signs for the portal: published before its first use, kept after its last.

    The instants are a plan, and the clock follows it: from `activated_at` the key signs, from
    `retiring_at` its successor does, from `retired_at` no verifier finds it any more. The status is
    what a job wrote down of it.
    """

    class Algorithm(models.TextChoices):
        ES256 = "ES256"
        EDDSA = "EdDSA"
        PS256 = "PS256"

    class Status(models.TextChoices):
        PENDING = "pending"
        PUBLISHED = "published"
        ACTIVE = "active"
        RETIRING = "retiring"
        RETIRED = "retired"
        COMPROMISED = "compromised"

    moves = {
        Status.PENDING: {Status.PUBLISHED, Status.COMPROMISED},
        Status.PUBLISHED: {Status.ACTIVE, Status.COMPROMISED},
        Status.ACTIVE: {Status.RETIRING, Status.COMPROMISED},
        Status.RETIRING: {Status.RETIRED, Status.COMPROMISED},
        Status.RETIRED: {Status.COMPROMISED},
        Status.COMPROMISED: set(),
    }

    kid = models.CharField(max_length=43, unique=True, editable=False)
    algorithm = models.CharField(max_length=8, choices=Algorithm)
    status = models.CharField(max_length=24, choices=Status, default=Status.PENDING)
    sealed_private = models.TextField(blank=True)
    public_jwk = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    retiring_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    compromised_at = models.DateTimeField(null=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["algorithm"], condition=Q(status="active"), name="key_one_active"
            ),
            models.UniqueConstraint(
                fields=["algorithm"], condition=Q(status="published"), name="key_one_spare"
            ),
            models.CheckConstraint(
                name="key_pending_until_published",
                condition=Q(status="compromised")
                | Q(status="pending", published_at=None, activated_at=None)
                | ~Q(status="pending") & Q(published_at__isnull=False, activated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="key_end_planned_whole",
                condition=Q(retiring_at=None, retired_at=None)
                | Q(retiring_at__isnull=False, retired_at__isnull=False),
            ),
            models.CheckConstraint(
                name="key_ended_iff_dated",
                condition=Q(status__in=["active", "compromised"])
                | Q(status__in=["retiring", "retired"], retired_at__isnull=False)
                | Q(status__in=["pending", "published"], retired_at=None),
            ),
            models.CheckConstraint(
                name="key_compromised_iff_dated",
                condition=Q(status="compromised", compromised_at__isnull=False)
                | ~Q(status="compromised") & Q(compromised_at=None),
            ),
            # A comparison with NULL is not false, so what is not planned passes.
            models.CheckConstraint(
                name="key_instants_in_order",
                condition=Q(activated_at__gte=F("published_at"))
                & Q(retiring_at__gte=F("activated_at"))
                & Q(retired_at__gte=F("retiring_at")),
            ),
            models.CheckConstraint(
                name="key_private_gone_when_over",
                condition=Q(status__in=["retired", "compromised"], sealed_private="")
                | ~Q(status__in=["retired", "compromised"]) & ~Q(sealed_private=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} key {self.kid}"

    @classmethod
    def fresh(cls, algorithm: str, *, at: datetime) -> Self:
        """Return a new pending key; its private part exists in clear only inside this call."""
        private, public = material.generate(algorithm)
        kid = public["kid"]
        return cls(
            kid=kid,
            algorithm=algorithm,
            sealed_private=seal(json.dumps(private), context=_context(kid)),
            public_jwk=public,
            created_at=at,
        )

    def is_published(self, *, at: datetime) -> bool:
        return self.is_trusted(at=at) and self.published_at is not None and self.published_at <= at

    def is_signing(self, *, at: datetime) -> bool:
        return (
            self.is_published(at=at)
            and self.activated_at is not None
            and self.activated_at <= at
            and not self.is_retiring(at=at)
        )

    def is_retiring(self, *, at: datetime) -> bool:
        return self.retiring_at is not None and self.retiring_at <= at

    def is_trusted(self, *, at: datetime) -> bool:
        return (
            self.published_at is not None
            and self.compromised_at is None
            and (self.retired_at is None or at < self.retired_at)
        )

    @property
    def private_key(self) -> material.Key:
        return _opened(self.sealed_private, _context(self.kid))

    @cached_property
    def public_key(self) -> material.Key:
        return material.load(self.public_jwk)


# To open an RSA key takes 30 ms, and each process reads the keys anew every two seconds.
@lru_cache(maxsize=16)
def _opened(sealed: str, context: str) -> material.Key:
    return material.load(json.loads(unseal(sealed, context=context)))


def _context(kid: str) -> str:
    return f"signing_key:{kid}:private"
