"""Record what happened, and promise its handlers that they will hear of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from portal.access.actors import Actor
from portal.events import people
from portal.events.hints import hint
from portal.events.models import Delivery, Event, subject_of
from portal.events.requests import current_request_id
from portal.written import insert

Handler = Callable[[Event], None]
Fact = str | int | bool | list[str] | list[int] | None

MAX_ATTEMPTS = 10
_ACCOUNT = f"{settings.AUTH_USER_MODEL.lower()}:"
_handlers: dict[str, tuple[tuple[str, ...], Handler]] = {}
_logger = logging.getLogger(__name__)


def on(*patterns: str) -> Callable[[Handler], Handler]:
    """Subscribe a function to event kinds, such as `partners.application.*`.

    Handlers live in a slice's `handlers.py`. They run after the commit, at least once, perhaps
    late and perhaps twice: what they do must be the same the second time.
    """

    def register(handler: Handler) -> Handler:
        _handlers[f"{handler.__module__}.{handler.__name__}"] = (patterns, handler)
        return handler

    return register


def record(
    kind: str,
    subject: models.Model,
    *,
    by: Actor,
    organization_id: int | None = None,
    person_id: int | None = None,
    **facts: Fact,
) -> Event:
    """Write the event and its deliveries in the caller's transaction.

    `organization_id` and `person_id` (the account's number) say whose news it is. Facts are ids,
    codes and counts: never personal data, never a secret.
    """
    return record_with(
        (), kind, subject, by=by, organization_id=organization_id, person_id=person_id, **facts
    )


def record_with(
    rows: Sequence[models.Model],
    kind: str,
    subject: models.Model,
    *,
    by: Actor,
    organization_id: int | None = None,
    person_id: int | None = None,
    **facts: Fact,
) -> Event:
    """Do the same and write those new rows too, all but the deliveries in one statement."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of the change it reports.")
    event = Event(
        kind=kind,
        subject=people.named(subject_of(subject), _ACCOUNT),
        actor=people.named(by.id, people.PREFIX),
        organization_id=organization_id,
        person_id=None if person_id is None else people.Reference(person_id),
        request_id=current_request_id(),
        facts=facts,
    )
    insert(event, *rows)
    for name in ("subject", "actor", "person_id"):
        # What the database made of it is read when somebody asks.
        del event.__dict__[name]
    if handlers := heard_by(kind):
        Delivery.objects.bulk_create(Delivery(event=event, handler=name) for name in handlers)
        transaction.on_commit(_nudge)
    return event


def heard_by(kind: str) -> list[str]:
    """Return the names of the handlers that events of this kind are promised to."""
    return [
        name
        for name, (patterns, _) in _handlers.items()
        if any(fnmatchcase(kind, pattern) for pattern in patterns)
    ]


def deliver_due(*, limit: int = 500) -> int:
    """Keep the promises that are due, each in a transaction of its own; return how many."""
    kept = 0
    for _ in range(limit):
        outcome = _deliver_next()
        if outcome is None:
            break
        kept += outcome
    return kept


def _deliver_next() -> bool | None:
    """Take one promise; None when nothing is due, False when its handler failed."""
    now = timezone.now()
    with transaction.atomic():
        delivery = (
            Delivery.objects.due(at=now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .first()
        )
        if delivery is None:
            return None
        delivery.attempt_count += 1
        try:
            with transaction.atomic():
                _, handler = _handlers[delivery.handler]
                handler(delivery.event)
        except Exception as error:  # noqa: BLE001 - one handler's fault must not stop the others
            _postpone(delivery, error)
        else:
            delivery.delivered_at = now
            delivery.error = ""
        delivery.save()
        return delivery.delivered_at is not None


def _postpone(delivery: Delivery, error: Exception) -> None:
    now = timezone.now()
    # The class name only: an exception's text may quote what a log must not hold.
    delivery.error = type(error).__name__
    delivery.next_attempt_at = now + timedelta(seconds=min(2**delivery.attempt_count, 3600))
    if delivery.attempt_count >= MAX_ATTEMPTS:
        delivery.parked_at = now
    _logger.error("delivery_failed", exc_info=error, extra={"handler": delivery.handler})


def _nudge() -> None:
    """Ask a worker to deliver now; without a broker the sweep does it a little later."""
    hint("portal.events.tasks.deliver_events")
