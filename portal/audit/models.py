from __future__ import annotations

import pgtrigger
from django.db import models

from portal.audit import chain


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
            pgtrigger.Protect(
                name="seal_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
            pgtrigger.Trigger(
                name="seal_keep_all",
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                level=pgtrigger.Statement,
                func="RAISE EXCEPTION 'pgtrigger: Cannot truncate the seals';",
            ),
        ]

    def __str__(self) -> str:
        return f"seal {self.pk} over events {self.first_id} to {self.last_id}"

    @property
    def entries(self) -> list[tuple[int, bytes]]:
        return chain.unpack(bytes(self.leaves))
