"""Where a sign-in that an application began may end.

Chromium applies a page's `form-action` to every redirect that follows its form. Who signs in on the
way to an application, and then hears that it asked wrongly, leaves from the sign-in form; so the
pages of this sign-in allow that one address. A signed cookie remembers it between them.
"""

# ruff: noqa: TID251 - it is about answers and their headers

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "onward"
LIFETIME = 30 * 60
PAGES = ("account_", "mfa_")


def let_forms_lead_to(source: str, response: HttpResponse) -> HttpResponse:
    """Let the sign-in that `response` leads to end at `source`, an address known to be safe."""
    response.set_signed_cookie(
        COOKIE,
        source,
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


class OnwardMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        page = (request.resolver_match and request.resolver_match.url_name) or ""
        if COOKIE not in request.COOKIES or not page.startswith(PAGES):
            return response
        source = request.get_signed_cookie(COOKIE, default="", max_age=LIFETIME)
        if not source:
            return response
        allowing = csp_update({"form-action": [source]})(lambda _: response)
        return cast("HttpResponse", allowing(request))
