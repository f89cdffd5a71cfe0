"""Who is signed in, without the way through the sign-in page."""

from __future__ import annotations

import time

from allauth.account.internal.flows import login
from django.conf import settings
from django.test import Client

from portal.accounts.models import User


def cookies_of(user: User, live_server) -> list[dict[str, str]]:
    """Return the cookies of a session in which the password was typed a moment ago."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
