from __future__ import annotations

from django.db import models

from portal.audit import chain
from portal.triggers import as_written, never_emptied


class Seal(models.Model):
    """A promise about a batch of events: these, in this order, with these contents.

    `leaves` keeps the id and the hash of each, so that a broken seal can say which event it is.
    A hash reveals nothing by itself, and the event's own words stand only in the log.
    """

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    leaves = models.BinaryField()
    previous_root = models.CharField(max_length=64, unique=True)
    root = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        triggers = [
            as_written("seal_append_only"),
            never_emptied("seal_keep_all", what="the seals"),
        ]

    def __str__(self) -> str:
        return f"seal {self.pk} over events {self.first_id} to {self.last_id}"

    @property
    def entries(self) -> list[tuple[int, bytes]]:
        return chain.unpack(bytes(self.leaves))
