"""In which language a page speaks: what the person chose, then what their browser asks for.

Pages for customers are written in every language of `settings.LANGUAGES`; the partners' and the
staff's are in English, and say so, whatever the reader's browser prefers.
"""

# ruff: noqa: TID251 - it is about requests

from __future__ import annotations

import re
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from portal.access.actors import Actor
from portal.accounts import actions
from portal.accounts.models import User

_SPOKEN = re.compile(
    r"/(me/|oauth/|sign-in/|help/|privacy/|verify/|language/|device/)"
    r"|/accounts/(confirm|closed|sign-out|password/(forgotten|new)|email/code|"
    r"security/(authenticate|reauthenticate|webauthn/(login|reauthenticate)))/"
)
# A client says in which languages its customer reads (OpenID Connect Core §3.1.2.1).
_HINT = "ui_locales"
_A_YEAR = 365 * 24 * 3600


def is_spoken(path: str) -> bool:
    """Whether the pages there are written in every language."""
    return _SPOKEN.match(path) is not None


def language_of(request: HttpRequest) -> str:
    if not is_spoken(request.path):
        return settings.LANGUAGE_CODE
    return chosen_by(request) or _asked_for(request)


def chosen_by(request: HttpRequest) -> str:
    """Return what the person chose: in this browser, or else for their account."""
    here = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    user = getattr(request, "user", None)
    kept = user.locale if isinstance(user, User) else ""
    return next((language for language in (here, kept) if is_language(language)), "")


def is_language(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def _asked_for(request: HttpRequest) -> str:
    for wish in request.GET.get(_HINT, "")[:255].split():
        if is_language(language := wish.partition("-")[0].lower()):
            return language
    return translation.get_language_from_request(request)


def go_on_in(request: HttpRequest, language: str) -> None:
    """Write to a person who never chose in the language in which they have just decided."""
    user = request.user
    if isinstance(user, User) and not user.locale and language != settings.LANGUAGE_CODE:
        actor = cast("Actor", request.actor)  # type: ignore[attr-defined] # set by ActorMiddleware
        actions.choose_language(user, by=actor, locale=language)


def keep_language(request: HttpRequest, response: HttpResponse, language: str) -> None:
    """Remember the choice: a cookie for the browser, the account for mail and other browsers."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_A_YEAR,
        samesite="Lax",
        httponly=True,
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )
    if isinstance(request.user, User) and request.user.locale != language:
        actor = cast("Actor", request.actor)  # type: ignore[attr-defined] # set by ActorMiddleware
        actions.choose_language(request.user, by=actor, locale=language)
