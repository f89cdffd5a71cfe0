"""What somebody had ticked on a screen when their session ended, or when they changed the language.

A signed cookie carries it for ten minutes past the sign-in, in that browser alone. It names the
screen, so that it never fills in another question, and never one for another person.
"""

# ruff: noqa: TID251 - it is about requests and their cookies

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from consent.oauth.models import AuthorizationIntent
from consent.oauth.visits import LIFETIME, PATH

_NAME = "choices"
_SEPARATOR = " "


def keep(request: HttpRequest, response: HttpResponse) -> None:
    """Let the browser bring along what was posted."""
    posted = request.POST
    values = [posted.get("intent", ""), posted.get("until", ""), *posted.getlist("g")]
    ticked = [f"{name}:{value}" for name in ("s", "r") for value in posted.getlist(name)]
    response.set_signed_cookie(
        _NAME,
        _SEPARATOR.join([*values, *ticked])[:2000],
        max_age=LIFETIME,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def kept_for(request: HttpRequest, intent: AuthorizationIntent) -> dict[str, Any]:
    """Return what was ticked on a screen of this customer about this same question, or nothing."""
    raw = request.get_signed_cookie(_NAME, default="", max_age=LIFETIME) or ""
    screen, _, rest = raw.partition(_SEPARATOR)
    until, _, scopes = rest.partition(_SEPARATOR)
    if not screen or not _is_same_question(screen, intent):
        return {}
    names = scopes.split(_SEPARATOR)
    return {
        "until": until,
        "g": [name for name in names if not name.startswith(("s:", "r:"))],
        "s": [name.removeprefix("s:") for name in names if name.startswith("s:")],
        "r": [name.removeprefix("r:") for name in names if name.startswith("r:")],
    }


def _is_same_question(screen: str, intent: AuthorizationIntent) -> bool:
    try:
        asked = AuthorizationIntent.objects.filter(pk=UUID(screen))
    except ValueError:
        return False
    same = {"customer": intent.customer_id, "client": intent.client_id, "digest": intent.digest}
    return asked.filter(**same).exists()
