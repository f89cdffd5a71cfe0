"""The keys as this process knows them: never more than two seconds old.

Signing, verifying, the JWKS and the metadata ask the ring and, while it is warm, no database. The
ring knows the plan of each key and the clock decides, so a planned change needs no new reading; a
compromise is known everywhere two seconds later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from consent.keys.models import SigningKey

MAX_AGE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Ring:
    # In the order of their plan.
    keys: Mapping[str, SigningKey]
    read_at: float

    def signing(self, algorithm: str, *, at: datetime) -> SigningKey | None:
        """Return the key that signs at that instant.

        Should this machine's clock be a little behind the one that wrote the plan, no key signs
        yet: then it is the one that is about to.
        """
        keys = [
            key
            for key in self.trusted(at=at)
            if key.algorithm == algorithm and not key.is_retiring(at=at)
        ]
        signing = [key for key in keys if key.is_signing(at=at)]
        return next(iter(signing or keys), None)

    def trusted(self, *, at: datetime) -> list[SigningKey]:
        return [key for key in self.keys.values() if key.is_trusted(at=at)]


def current() -> Ring:
    """Return the ring, read anew when it is too old."""
    global _shared  # noqa: PLW0603 - one ring for all threads of the process
    # What this transaction wrote may still be rolled back: until then it is this thread's alone.
    is_provisional = _is_provisional()
    kept = getattr(_own, "ring", None) if is_provisional else _shared
    now = _monotonic()
    if kept is not None and now - kept.read_at < MAX_AGE_SECONDS:
        return kept
    # The age counts from before the question: what another process wrote meanwhile may be missing.
    ring = Ring(_read(), now)
    if is_provisional:
        _own.ring = ring
    else:
        _shared = ring
    return ring


def changed() -> None:
    """Read the keys anew in this transaction, and in every thread after its commit."""
    _own.ring = None
    transaction.on_commit(forget)


def forget() -> None:
    """Let the next question be answered from the database."""
    global _shared  # noqa: PLW0603 - as above
    _shared = _own.ring = None


_shared: Ring | None = None
_own = threading.local()
_monotonic = time.monotonic


def _is_provisional() -> bool:
    # Django drops the callback with the transaction or the savepoint that is rolled back.
    return any(waiting[1] is forget for waiting in connection.run_on_commit)


def _read() -> dict[str, SigningKey]:
    keys = SigningKey.objects.trusted(at=timezone.now()).order_by("activated_at", "pk")
    return {key.kid: key for key in keys}
