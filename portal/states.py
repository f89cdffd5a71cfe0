"""Rows with a life."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.db import models

from portal.errors import Conflict


class Stateful(models.Model):
    """A row whose `status` changes only along `moves`."""

    moves: ClassVar[Mapping[str, Collection[str]]]
    status = models.CharField(max_length=24)

    class Meta:
        abstract = True

    def may_move_to(self, status: str) -> bool:
        return status in self.moves[self.status]

    def move_to(self, status: str, **changes: Any) -> None:
        """Take the move, unless it is not on the map or someone moved first."""
        if not self.may_move_to(status):
            raise Conflict(f"{self} is {self.status} and cannot become {status}.")
        changes["status"] = status
        row = type(self)._default_manager.filter(pk=self.pk, status=self.status)
        if not row.update(**changes):
            raise Conflict(f"{self} was changed by someone else.")
        for name, value in changes.items():
            setattr(self, name, value)
