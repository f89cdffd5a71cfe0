"""Signing in for tests of pages."""

from __future__ import annotations

import time

from allauth.account.internal.flows import login

from tests.factories.people import user_of


def sign_in(client, actor, *, fresh=True):
    """Sign the actor's person in; `fresh` as if the password had been typed a moment ago."""
    client.force_login(user_of(actor))
    if fresh:
        session = client.session
        session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(actor.person_id)
        session.save()
    return client
