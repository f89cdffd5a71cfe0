"""The demo's live application as its developers would connect it: with a key, nothing secret."""

from __future__ import annotations

import re

from tests.flows import journey
from tests.flows.person import Person
from tests.flows.software import LiveClient, key_set, new_key
from tests.stack import PASSWORD, Stack

CALLBACK = "http://127.0.0.1:8765/callback"


def live_client(stack: Stack) -> LiveClient:
    """Register a key on the application's page and return the client that holds it."""
    partner = journey.Partner(stack.portal)
    partner.sign_in("amara@halden.example", PASSWORD)
    key = new_key()
    partner.open("/apps/halden-refill/production/keys/")
    client_id = re.search(r"\b([a-z]+_live_[0-9a-f]{16})\b", partner.page)
    partner.submit(way="jwks", jwks=key_set(key), replace_all="on")
    if client_id is None or str(key.kid) not in partner.page:
        raise RuntimeError(f"The key was not registered: {partner.words}")
    partner.live = (client_id.group(1), key)
    return journey.live(stack, partner, callback=CALLBACK)


def customer(stack: Stack) -> Person:
    """Return a customer who is signed in and shares nothing with the application."""
    person = Person(stack.portal)
    person.sign_in("leila@example.net", PASSWORD)
    person.open("/me/apps/halden-refill/stop/")
    if any("Stop sharing" in button for form in person.forms() for button in form.buttons):
        person.submit(button="Stop sharing", follow=False)
    return person
