"""When somebody opened the sign-up page: told by the page's own form, kept with the account.

No cookie follows anybody who only looks, and nothing is known of what they looked at before.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core import signing
from django.utils import timezone

from portal.accounts.events import AccountEvent
from portal.accounts.models import User
from portal.events.models import Event

_SALT = "portal.accounts.landing"
_LONGEST = timedelta(days=1)


def opened_now() -> str:
    """Return a signed statement of this moment, for a hidden field."""
    return signing.dumps(round(timezone.now().timestamp()), salt=_SALT)


def read_opened(said: str) -> datetime | None:
    """Return the moment of a statement of ours, unless it is too old to mean this visit."""
    try:
        moment = signing.loads(said[:200], salt=_SALT)
    except signing.BadSignature:
        return None
    opened_at = datetime.fromtimestamp(moment, UTC)
    return opened_at if timezone.now() - opened_at < _LONGEST else None


def landed_at(user: User) -> datetime | None:
    """Return when the person opened the page on which they signed up, where the log knows it."""
    signed_up = Event.objects.about(user).filter(kind=AccountEvent.SIGNED_UP).first()
    said = str(signed_up.facts.get("landed_at", "")) if signed_up else ""
    return datetime.fromisoformat(said) if said else None
