"""What a client was when it last proved itself: decided on again, and made sure of in writing.

To read a client, its application, its partner and what it may do takes longer than all the rest
of a token. So these rows stay in the process that read them. Each request decides on them anew,
and the statement that holds or writes what it asks for has the database say that they are
unchanged, to the last column. Where they are not, or the answer would be a refusal, they are
forgotten and the request begins again by reading. Nothing is answered from memory alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from partners.applications.credentials import Known
from partners.applications.models import Client
from partners.subscriptions.access import Use, seen_uses_of
from portal.prepared import Seen
from portal.statements import Condition

_MAX_REMEMBERED = 1000


class Changed(Exception):
    """The client is not what it was when it was read; nothing was written."""


@dataclass(slots=True)
class _Remembered:
    known: Known
    uses: tuple[Use, ...] = ()
    uses_seen: Seen[Any] | None = None


_remembered: dict[str, _Remembered] = {}


class Standing:
    """What a request knows of its client; `is_confirmed` once it was read or found unchanged."""

    def __init__(self, found: _Remembered, *, is_confirmed: bool) -> None:
        self._found, self.is_confirmed = found, is_confirmed

    @property
    def known(self) -> Known:
        return self._found.known

    @property
    def client(self) -> Client:
        return self._found.known.client

    def uses(self, *, at: datetime) -> tuple[Use, ...]:
        """Return what the client may do; the first request that asks reads it for the others."""
        found = self._found
        if found.uses_seen is None:
            found.uses, found.uses_seen = seen_uses_of(self.client, at=at)
        return found.uses

    def unchanged(self, *, at: datetime) -> Condition | None:
        """Return what has to hold still; None where all of it was read just now."""
        if self.is_confirmed or self.known.seen is None:
            return None
        client = self.known.seen.unchanged(at=at)
        uses = self._found.uses_seen
        return client if uses is None else client & uses.unchanged(at=at)

    def confirm(self, holds: bool) -> None:  # noqa: FBT001 - it is what was asked
        if not holds:
            raise Changed
        self.is_confirmed = True


def begin(known: Known) -> Standing:
    """Return the standing of a client that was read just now, and remember it."""
    found = _Remembered(known)
    if known.seen is not None:
        if len(_remembered) >= _MAX_REMEMBERED:
            _remembered.clear()
        _remembered[str(known.client.client_id)] = found
    return Standing(found, is_confirmed=True)


def recall(client_id: str, *, at: datetime) -> Standing | None:
    """Return what is remembered of a client, unless it has to be read for something else."""
    found = _remembered.get(client_id)
    if found is None or found.known.owes_note(at=at):
        return None
    return Standing(found, is_confirmed=False)


def forget(client_id: str) -> None:
    _remembered.pop(client_id, None)
