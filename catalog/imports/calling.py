"""The call to who asked for it: signed as our webhooks are, and made again until it arrives."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.imports.actions import secret_context
from catalog.imports.models import Callback
from portal import outbound, secrets
from portal.errors import Refused
from portal.retrying import next_attempt_at
from portal.signing import headers_of

TIMEOUT_SECONDS = 15
CLAIM = timedelta(seconds=60)


def send_due_callbacks() -> int:
    """Return how many arrived."""
    delivered = 0
    while (callback := _claim_next()) is not None:
        delivered += _send(callback)
    return delivered


@transaction.atomic
def _claim_next() -> Callback | None:
    """Take one out of the others' sight; no lock is held while its receiver is waited for."""
    now = timezone.now()
    due = Callback.objects.due(at=now).select_for_update(skip_locked=True, of=("self",))
    callback = due.select_related("job").first()
    if callback is not None:
        callback.attempt_count += 1
        callback.next_attempt_at = now + CLAIM
        callback.save(update_fields=["attempt_count", "next_attempt_at"])
    return callback


def _send(callback: Callback) -> bool:
    now = timezone.now()
    secret = secrets.unseal(callback.sealed_secret, context=secret_context(callback.job))
    headers = headers_of(f"import_{callback.job.number}", callback.body, signed_by=[secret], at=now)
    said: outbound.Answer | None = None
    try:
        said = outbound.post(
            callback.url, body=callback.body.encode(), headers=headers, timeout=TIMEOUT_SECONDS
        )
    except Refused:
        status = 0
    else:
        status = said.status
    if 200 <= status < 300:
        callback.move_to(Callback.Status.DELIVERED)
        return True
    due_at = next_attempt_at(
        callback.attempt_count, headers=said.headers if said else {}, at=timezone.now()
    )
    if status == 410 or due_at is None:
        callback.move_to(Callback.Status.FAILED)
    else:
        Callback.objects.filter(pk=callback.pk).update(next_attempt_at=due_at)
    return False
