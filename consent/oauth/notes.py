"""What a client's developers may read later about each of its requests, kept in Redis for a week.

Best effort: nothing is decided by these notes, and no request waits for them or fails without them.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, cast

import redis

from consent.oauth.explanations import explained
from consent.proofs.store import store
from partners.applications.models import Client
from portal.behind import Behind

MAX_NOTES = 200
# Anybody can name a client: what proves nothing is kept apart, and only so much of it.
MAX_UNPROVEN = 50
MAX_UNPROVEN_A_MINUTE = 30
KEPT = timedelta(days=7)
# Names that have neither proved anything nor been looked for may be nobody's.
MAX_OF_NOBODY_A_MINUTE = 300
KEPT_FOR_NOBODY = timedelta(hours=1)
_logger = logging.getLogger(__name__)
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Note:
    """One request and what became of it; `error` is empty where it was answered."""

    at: str
    endpoint: str
    client_id: str
    status: int
    error: str
    description: str
    outcome: str
    parameters: Pairs
    request_id: str
    is_proven: bool

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def meaning(self) -> str:
        return explained(self.error)[0] if self.error else self.outcome

    @property
    def remedy(self) -> str:
        return explained(self.error)[1] if self.error else ""


def note(found: Note) -> None:
    """Have it kept soon, unless too many wait already."""
    if not _soon.put(found):
        _logger.warning("note_dropped")


def settle() -> None:
    """Have all kept that were taken in this process before."""
    _soon.settle()


def notes_of(client: Client) -> list[Note] | None:
    """Return the client's notes, newest first; None while nobody can read them."""
    settle()
    client_id = str(client.client_id)
    try:
        store().set(_mark(client_id), 1, ex=KEPT)
        store().expire(_name(client_id, is_proven=False), KEPT)
        kept = [
            Note(**json.loads(raw))
            for is_proven in (True, False)
            for raw in cast(
                "list[bytes]", store().lrange(_name(client_id, is_proven=is_proven), 0, -1)
            )
        ]
    except redis.RedisError:
        _logger.warning("notes_away")
        return None
    return sorted(kept, key=attrgetter("at"), reverse=True)


def _keep(found: Sequence[Note]) -> None:
    """Keep notes in their order: those of a client that proved itself all at once."""
    proven: dict[str, list[Note]] = defaultdict(list)
    for one in found:
        if one.is_proven:
            proven[one.client_id].append(one)
    try:
        for client_id, notes in proven.items():
            _write(client_id, notes, is_proven=True, kept=KEPT)
        for one in found:
            if not one.is_proven:
                _keep_unproven(one)
    except redis.RedisError:
        _logger.warning("notes_away")


_soon = Behind(_keep)


def _keep_unproven(found: Note) -> None:
    """Keep it, unless strangers named the client too often."""
    client_id = found.client_id
    is_known = bool(store().exists(_name(client_id, is_proven=True), _mark(client_id)))
    if _may_note(client_id, is_known=is_known):
        kept = KEPT if is_known else KEPT_FOR_NOBODY
        _write(client_id, [found], is_proven=False, kept=kept)


def _write(client_id: str, notes: Sequence[Note], *, is_proven: bool, kept: timedelta) -> None:
    name, limit = _name(client_id, is_proven=is_proven), MAX_NOTES if is_proven else MAX_UNPROVEN
    with store().pipeline() as all_at_once:
        all_at_once.lpush(name, *(json.dumps(one.as_json()) for one in notes[-limit:]))
        all_at_once.ltrim(name, 0, limit - 1)
        all_at_once.expire(name, kept)
        all_at_once.execute()


def _may_note(client_id: str, *, is_known: bool) -> bool:
    """Take a turn of those that strangers have in a minute, to name this client or any other.

    Nobody asks the database whether the client exists: a wrong name costs what a wrong secret does.
    """
    if not _has_turn(client_id, limit=MAX_UNPROVEN_A_MINUTE):
        return False
    return is_known or _has_turn("", limit=MAX_OF_NOBODY_A_MINUTE)


def _has_turn(client_id: str, *, limit: int) -> bool:
    name = f"notes-turns:{client_id}"
    with store().pipeline() as both:
        both.set(name, 0, nx=True, ex=60)
        both.incr(name)
        _, turn = both.execute()
    return int(turn) <= limit


def _name(client_id: str, *, is_proven: bool) -> str:
    return f"notes:{client_id}:{'proven' if is_proven else 'unproven'}"


def _mark(client_id: str) -> str:
    """Name the sign that somebody of the client's own people reads its notes."""
    return f"notes-read:{client_id}"
