"""The way of a message to its endpoint: claim it, send it, write down what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from partners.organizations.people import people_of
from partners.webhooks.actions import secret_context
from partners.webhooks.challenge import challenge_of, is_repeated
from partners.webhooks.events import WebhookEvent
from partners.webhooks.models import Attempt, Endpoint, Message
from portal import outbound, secrets
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, Refused
from portal.events.log import record
from portal.notifications.actions import notify
from portal.retrying import next_attempt_at
from portal.signing import headers_of

TIMEOUT_SECONDS = 15
# Longer than a request can take: a claim that ends without an outcome was a worker that died.
CLAIM = timedelta(seconds=60)
# After an address failed, its other messages wait this long too: one dead host must not keep the
# workers from the living.
BREATHER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Outcome:
    code: str
    status_code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def deliver_due_messages(*, seconds: float = 60) -> int:
    """Send what is due for at most about that long; return how many arrived."""
    ends_at = monotonic() + seconds
    delivered = 0
    while monotonic() < ends_at:
        attempt = _claim_next()
        if attempt is None:
            break
        began = monotonic()
        outcome = _send(attempt)
        took = timedelta(seconds=monotonic() - began)
        delivered += _conclude(attempt, outcome, took=took)
    return delivered


@transaction.atomic
def _claim_next() -> Attempt | None:
    """Take a due message out of the others' sight before anything is sent.

    No lock is held while the endpoint is waited for. Two workers never make the same attempt: the
    second finds the row locked, then no longer due. Its receiver may still see a message twice (the
    worker died, or the answer got lost), which is why the id stays the same.
    """
    now = timezone.now()
    message = (
        Message.objects.due(at=now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("endpoint", "event")
        .first()
    )
    if message is None:
        return None
    message.attempt_count += 1
    message.next_attempt_at = now + CLAIM
    message.save(update_fields=["attempt_count", "next_attempt_at"])
    return Attempt.objects.create(message=message, number=message.attempt_count, started_at=now)


def _send(attempt: Attempt) -> Outcome:
    message, endpoint = attempt.message, attempt.message.endpoint
    headers = _headers(attempt)
    try:
        answer = outbound.post(
            endpoint.url, body=message.body.encode(), headers=headers, timeout=TIMEOUT_SECONDS
        )
    except Refused as refusal:
        return Outcome(refusal.code)
    code = "delivered" if 200 <= answer.status < 300 else "refused"
    if code == "delivered" and endpoint.has_to_repeat:
        word = challenge_of(message.event, endpoint)
        code = "delivered" if is_repeated(answer.body, word) else "not_repeated"
    return Outcome(code, answer.status, answer.headers)


def _headers(attempt: Attempt) -> dict[str, str]:
    """Return what goes with the body: its signature, unless it is a token (RFC 8935 §2.1)."""
    message, endpoint = attempt.message, attempt.message.endpoint
    if not endpoint.is_signed_by_secret:
        return {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}
    return headers_of(
        str(message.event.public_id),
        message.body,
        signed_by=_secrets_of(endpoint, at=attempt.started_at),
        at=attempt.started_at,
    )


@transaction.atomic
def _conclude(attempt: Attempt, outcome: Outcome, *, took: timedelta) -> bool:
    attempt.outcome = outcome.code
    attempt.status_code = outcome.status_code
    attempt.took_ms = int(took / timedelta(milliseconds=1))
    attempt.save()
    message = Message.objects.select_for_update().get(pk=attempt.message_id)
    endpoint = Endpoint.objects.select_for_update().get(pk=message.endpoint_id)
    if attempt.is_delivered:
        message.move_to(Message.Status.DELIVERED)
        _move(endpoint, Endpoint.Status.ACTIVE)
        return True
    now = timezone.now()
    due_at = next_attempt_at(attempt.number, headers=outcome.headers, at=now)
    if outcome.status_code == 410 or due_at is None:
        message.move_to(Message.Status.FAILED)
        _give_up(endpoint, reason="gone" if outcome.status_code == 410 else "no_answer")
        return False
    Message.objects.filter(pk=message.pk).update(next_attempt_at=due_at)
    _move(endpoint, Endpoint.Status.FAILING)
    _let_the_others_wait(endpoint, until=now + BREATHER)
    return False


def _let_the_others_wait(endpoint: Endpoint, *, until: datetime) -> None:
    waiting = Message.objects.waiting().filter(endpoint=endpoint, attempt_count=0)
    waiting.filter(next_attempt_at__lt=until).update(next_attempt_at=until)


def _give_up(endpoint: Endpoint, *, reason: str) -> None:
    """Stop sending there, and tell the people who can do something about it."""
    if not endpoint.may_move_to(Endpoint.Status.DISABLED):
        return
    endpoint.move_to(Endpoint.Status.DISABLED, disabled_at=timezone.now(), disabled_reason=reason)
    event = record(
        WebhookEvent.DISABLED,
        endpoint,
        by=SYSTEM,
        organization_id=endpoint.organization_id,
        reason=reason,
    )
    for person in people_of(endpoint.organization_id, Role.OWNER, Role.DEVELOPER):
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template="webhooks/disabled",
            context={"address": endpoint.url, "reason": reason},
            link=endpoint.get_absolute_url(),
        )


def _move(endpoint: Endpoint, status: Endpoint.Status) -> None:
    if endpoint.may_move_to(status):
        with contextlib.suppress(Conflict):
            endpoint.move_to(status)


def _secrets_of(endpoint: Endpoint, *, at: datetime) -> list[str]:
    sealed = [endpoint.sealed_secret]
    if endpoint.previous_ends_at is not None and endpoint.previous_ends_at > at:
        sealed.append(endpoint.previous_secret)
    return [secrets.unseal(one, context=secret_context(endpoint)) for one in sealed]
