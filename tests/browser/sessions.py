"""Who is signed in, without the way through the sign-in page."""

from __future__ import annotations

from django.conf import settings
from django.test import Client

from portal.accounts.models import User


def cookies_of(user: User, live_server) -> list[dict[str, str]]:
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
