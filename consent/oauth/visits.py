"""When a browser first opened a request: signing in may take longer than a request URI lives.

A signed cookie for each address remembers it for ten minutes, in that browser alone, through
signing in, signing in again and changing the account, all of which end or renew the session.
"""

# ruff: noqa: TID251 - it is about requests and their cookies

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

LIFETIME = timedelta(minutes=10)
PATH = "/oauth/authorize"


@dataclass(frozen=True, slots=True)
class Visit:
    key: str
    opened_at: datetime

    def kept_by(self, response: HttpResponse) -> HttpResponse:
        """Let the browser bring it along when it comes back to the same address."""
        response.set_signed_cookie(
            _cookie(self.key),
            repr(self.opened_at.timestamp()),
            salt=self.key,
            max_age=LIFETIME,
            path=PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


def visit_of(request: HttpRequest) -> Visit:
    """Return the visit that goes on, or a new one that begins now."""
    key = hashlib.sha256(request.get_full_path().encode()).hexdigest()
    now = timezone.now()
    kept = request.get_signed_cookie(_cookie(key), default="", salt=key)
    opened_at = datetime.fromtimestamp(float(kept), UTC) if kept else now
    # Each answer signs the cookie anew, so its own age says nothing.
    return Visit(key, opened_at if now - opened_at <= LIFETIME else now)


def _cookie(key: str) -> str:
    return f"opened_{key[:16]}"
