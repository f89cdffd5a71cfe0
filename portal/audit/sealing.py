"""Seal the log in batches.

Ids are given out before the commit, so a lower id may appear after a higher one. Nothing is sealed
until every transaction that could still bring such an event has ended: an event's transaction has
its number before the event has its id (a trigger sees to it), so once all transactions that ran
when the newest id was read are over, the gaps below that id stay gaps. Writers wait for nothing; a
transaction that stays open only makes the seal late. (A lock would let one slow writer hold up all
others; a column with the transaction's number would not survive a dump and restore.)
"""

from __future__ import annotations

import logging
import time

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from portal.audit import chain
from portal.audit.leaves import leaf
from portal.audit.models import Seal
from portal.events.models import Event

BATCH_SIZE = 1000
_LOCK = 0x5EA1
_logger = logging.getLogger(__name__)


def seal_events(*, patience: float = 5.0) -> int:
    """Seal what is settled and return how many events that was; the next run takes the rest."""
    newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
    if newest <= _sealed_up_to() or not _settled(patience):
        return 0
    sealed = 0
    while count := _seal_batch(newest):
        sealed += count
    return sealed


def _sealed_up_to() -> int:
    return Seal.objects.aggregate(last=Max("last_id"))["last"] or 0


def _settled(patience: float) -> bool:
    """Wait until all transactions that run now are over; False when they take too long."""
    deadline = time.monotonic() + patience
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        (horizon,) = cursor.fetchone()
        while True:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::text::xid8", [horizon]
            )
            if cursor.fetchone()[0]:
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)


@transaction.atomic
def _seal_batch(newest: int) -> int:
    with connection.cursor() as cursor:
        # One sealer at a time: the second continues where the first one stopped.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    last = Seal.objects.defer("leaves").order_by("-last_id").first()
    events = Event.objects.filter(pk__gt=last.last_id if last else 0, pk__lte=newest)
    entries = [(event.pk, leaf(event)) for event in events.order_by("pk")[:BATCH_SIZE]]
    if not entries:
        return 0
    previous_root = last.root if last else chain.BEGINNING
    seal = Seal.objects.create(
        first_id=entries[0][0],
        last_id=entries[-1][0],
        count=len(entries),
        leaves=chain.pack(entries),
        previous_root=previous_root,
        root=chain.link(previous_root, entries),
        sealed_at=timezone.now(),
    )
    # A copy outside the database: whoever rewrites everything in it cannot rewrite this line.
    _logger.info("events_sealed", extra={"last_id": seal.last_id, "root": seal.root})
    return seal.count
