"""Proof of a consent, for its customer: the record, what happened, its digest and a signature."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from consent.arrangements import record
from consent.arrangements.models import ArrangementVersion, Receipt
from consent.keys import jws
from portal.access.actors import Actor
from portal.events.models import Event

# The type of our signatures over receipts (RFC 7515 §4.1.9), so that none passes for another.
TYP = "consent-receipt"


def canonical(body: Any) -> bytes:
    """Return the one spelling of a JSON value: RFC 8785 for what our records hold.

    A single case of a scope may hold any number: a whole one is spelled without a fraction, before
    the database has kept it and after.
    """
    whole = _whole(body)
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(body: Any) -> str:
    return hashlib.sha256(canonical(body)).hexdigest()


def base64_of(hex_digest: str) -> str:
    """Return a digest as HTTP fields spell it (RFC 9530)."""
    return b64encode(bytes.fromhex(hex_digest)).decode()


def write_receipt(version: ArrangementVersion, event: Event, *, by: Actor, at: datetime) -> Receipt:
    """Write the proof in the transaction of what it proves; a receipt is never changed later."""
    serial = _next_serial()
    number = f"MR-{at.astimezone(UTC).year}-{serial:06d}"
    customer = f"user:{version.arrangement.customer.user_id}"
    entity = record.entity_of(event, actor=by.id, customer=customer)
    body = body_of(version, event, number=number, entity=entity)
    return Receipt.objects.create(
        pk=serial,
        number=number,
        version=version,
        event_kind=event.kind,
        event=event,
        body=body,
        sha256=digest(body),
        signature=jws.sign_detached(canonical(body), typ=TYP),
        created_at=at,
    )


def body_of(
    version: ArrangementVersion, event: Event, *, number: str, entity: str
) -> dict[str, Any]:
    """Return the receipt of an event of that version: the same whenever it is asked for."""
    happened = record.happening(event, entity=entity)
    return {**version.record, "receipt_id": number, "event": happened}


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _next_serial() -> int:
    # The number is part of the record, so it has to be known before the row is there. A rolled-back
    # transaction leaves a gap.
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('arrangements_receipt', 'id'))")
        row = cursor.fetchone()
    return int(row[0])
