"""Tell clients that somebody signed out (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consent.keys import jws
from consent.oauth.models import LogoutNotice, SignIn
from portal import outbound
from portal.errors import Refused
from portal.retrying import next_attempt_at
from portal.secrets import new_secret

TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
# §2.4: short, preferably at most two minutes. Each attempt signs anew.
LIFETIME = timedelta(minutes=2)
TIMEOUT_SECONDS = 10
# Longer than a request can take: a claim that ends without an outcome was a worker that died.
CLAIM = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Outcome:
    code: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_delivered(self) -> bool:
        return self.code == "delivered"


def logout_token(sign_in: SignIn) -> str:
    """Return the signed token of §2.4: which session of which person ended, and never a nonce."""
    now = timezone.now()
    claims = {
        "iss": settings.ISSUER,
        "aud": sign_in.client.client_id,
        "sub": str(sign_in.subject),
        "sid": sign_in.sid,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "jti": new_secret(size=16),
        "events": {EVENT: {}},
    }
    return jws.sign(claims, typ=TYPE, algorithm=sign_in.client.id_token_signed_response_alg)


def send_due(*, seconds: float = 60) -> int:
    """Send what is due for at most about that long; return how many notices arrived."""
    ends_at = monotonic() + seconds
    delivered = 0
    while monotonic() < ends_at:
        notice = _claim_next()
        if notice is None:
            break
        outcome = _send(notice.sign_in)
        _conclude(notice, outcome)
        delivered += outcome.is_delivered
    return delivered


@transaction.atomic
def _claim_next() -> LogoutNotice | None:
    """Take a due notice out of the others' sight; no lock is held while its client is waited for.

    A client may hear twice, when a worker dies or an answer gets lost: to sign out twice is once.
    """
    now = timezone.now()
    notice = (
        LogoutNotice.objects.due(at=now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("sign_in__client")
        .first()
    )
    if notice is None:
        return None
    notice.attempt_count += 1
    notice.next_attempt_at = now + CLAIM
    notice.save(update_fields=["attempt_count", "next_attempt_at"])
    return notice


def _send(sign_in: SignIn) -> Outcome:
    url = sign_in.client.backchannel_logout_uri
    if not url:
        return Outcome("no_address")
    body = urlencode({"logout_token": logout_token(sign_in)}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = outbound.post(url, body=body, headers=headers, timeout=TIMEOUT_SECONDS)
    except Refused as refusal:
        return Outcome(refusal.code)
    # §2.8: 200, and 204 of frameworks that make one of it.
    return Outcome("delivered" if 200 <= answer.status < 300 else "refused", answer.headers)


def _conclude(notice: LogoutNotice, outcome: Outcome) -> None:
    now = timezone.now()
    due_at = next_attempt_at(notice.attempt_count, headers=outcome.headers, at=now)
    notice.outcome = outcome.code
    if outcome.is_delivered:
        notice.delivered_at = now
    elif due_at is None or outcome.code == "no_address":
        notice.given_up_at = now
    else:
        notice.next_attempt_at = due_at
    notice.save(update_fields=["outcome", "delivered_at", "given_up_at", "next_attempt_at"])
