"""One question to a customer: kept as it was shown, and answered once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Exists
from django.utils import timezone

from consent.arrangements.access import running_version
from consent.arrangements.models import Customer
from consent.oauth.authorization import AuthorizationRequest
from consent.oauth.models import (
    AuthorizationIntent,
    PushedRequest,
)
from consent.oauth.screen import notice_for, periods_shown
from partners.applications.models import Client
from partners.subscriptions.access import Use
from portal.errors import Conflict

INTENT_LIFETIME = timedelta(minutes=10)


class AlreadyDecided(Conflict):
    code = "already_decided"


class NoLongerOpen(Conflict):
    """The screen is too old, or the application may not ask any more."""

    code = "no_longer_open"


def open_intent(
    customer: Customer,
    client: Client,
    request: AuthorizationRequest,
    *,
    uses: Sequence[Use],
    pushed: PushedRequest | None = None,
) -> AuthorizationIntent:
    """Keep what was asked, the words that are shown for it and what is shared at that moment.

    The same request on the same ground keeps its row. Another screen is another row: whoever
    answers an older one has not seen what the newer one says.
    """
    now = timezone.now()
    running = running_version(customer, client, at=now)
    asked = [use for use in uses if use.scope in request.scopes]
    notice = notice_for(
        client,
        asked,
        request.wishes,
        at=now,
        customer=customer,
        running=running,
        signs_in=request.signs_in,
    )
    # One that was decided comes first.
    known = (
        AuthorizationIntent.objects.current(at=now)
        .filter(customer=customer, client=client, digest=request.digest, pushed=pushed)
        .order_by("decided_at")
    )
    for intent in known:
        if intent.decided_at is not None:
            return intent
        then = periods_shown(asked, request.wishes, at=intent.asked_at, running=running)
        is_same_ground = intent.stands_on_id == (running.pk if running else None)
        if is_same_ground and intent.notice == {**notice, "periods": then}:
            return intent
    return AuthorizationIntent.objects.create(
        customer=customer,
        client=client,
        pushed=pushed,
        digest=request.digest,
        request=request.as_json(),
        notice=notice,
        asked_at=now,
        stands_on=running,
        expires_at=now + INTENT_LIFETIME,
    )


def claim(intent: AuthorizationIntent) -> None:
    """Take the one decision that a question has; a double click or a second tab comes too late."""
    now = timezone.now()
    undecided = AuthorizationIntent.objects.filter(decided_at=None)
    is_open = Exists(undecided.current(at=now).filter(pk=intent.pk))
    # Two tabs that opened at the same moment have a row each: one UPDATE decides both.
    same = undecided.filter(
        is_open,
        customer=intent.customer_id,
        client=intent.client_id,
        digest=intent.digest,
        pushed=intent.pushed_id,
    )
    if not same.update(decided_at=now):
        if undecided.filter(pk=intent.pk).exists():
            raise NoLongerOpen("You took longer than ten minutes. Nothing was shared.")
        raise AlreadyDecided("You have already answered this.")
    if intent.pushed_id is None:
        return
    if not PushedRequest.objects.filter(pk=intent.pushed_id, used_at=None).update(used_at=now):
        # Somebody else was asked the same: a request URI counts once (RFC 9126 §4).
        raise AlreadyDecided("This has been answered already.")
