"""Whether an address wants to hear from us: it repeats a word that only we could have said there.

An address that somebody else typed in, by mistake or in anger, answers 200 as well; it does not
repeat what it was sent.
"""

from __future__ import annotations

import hmac
import json

from partners.webhooks.models import Endpoint
from portal import secrets
from portal.events.models import Event


def challenge_of(event: Event, endpoint: Endpoint) -> str:
    """Return the word of this trial; it is made anew each time it is needed, and kept nowhere."""
    return secrets.digest(f"webhook:{endpoint.pk}:{event.public_id}")


def is_repeated(answer: bytes, challenge: str) -> bool:
    """Whether an answer is the word, or JSON whose `challenge` is."""
    given = answer.strip()
    if given.startswith(b"{"):
        try:
            told = json.loads(given)
        except (ValueError, RecursionError):
            return False
        given = str(told.get("challenge", "")).encode()
    return hmac.compare_digest(given, challenge.encode())
