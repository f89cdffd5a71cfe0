"""Signatures that came later: a key may be given up while the paper that it signed is kept."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from portal.triggers import as_written, never_emptied


class Resignature(models.Model):
    """A receipt, word for word as it was written, signed once more by a later key of ours."""

    receipt = models.ForeignKey("Receipt", models.PROTECT, related_name="resignatures")
    # A detached JWS over the canonical bytes of the receipt's body, as its first one is.
    signature = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "signature"], name="resignature_is_another_one"
            ),
        ]
        triggers = [
            as_written("resignature_immutable"),
            never_emptied("resignature_immutable_kept", what="proof"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id} signed anew"
