# ruff: noqa: TID251 - a validator answers in the view's place

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language

from portal.ui.kept import kept
from portal.ui.requests import Request
from portal.ui.watch import watch

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponse]
# The form token is masked anew in each answer, so the same page would never look the same.
_FORM_TOKEN = re.compile(rb"(?<=[\"&;])[A-Za-z0-9]{64}(?=[\"&])")
_OWN_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")


def revalidated(view: View[P]) -> View[P]:
    """Let a visitor's browser keep the page and ask whether it changed, and keep it here, too.

    Only the browser: the page holds the visitor's form token, so no shared cache may keep it. Here
    it is kept without the token, and only as long as nothing in the catalog changes.
    """

    @wraps(view)
    def answer(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = _key(request)
        generation = watch.generation() if key else None
        if generation is not None and (page := kept.get(key, generation)):
            return _conditional(request, page.answer(request))
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie", "HX-Request"])
        if response.status_code != 200:
            return response
        if request.actor.is_known:
            patch_cache_control(response, private=True, no_store=True)
            return response
        patch_cache_control(response, private=True, no_cache=True)
        content = _FORM_TOKEN.sub(b"", response.content)
        response["ETag"] = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
        if generation is not None and request.method == "GET":
            kept.put(key, generation, request, response)
        return _conditional(request, response)

    return answer


def _key(request: Request) -> Hashable:
    """Return all that makes a visitor's page another, or None where it is made for one person."""
    if not settings.PAGE_MEMORY_BYTES or request.actor.is_known:
        return None
    if any(name in request.COOKIES for name in _OWN_COOKIES):
        return None
    theme = request.COOKIES.get("theme", "")
    return (
        request.get_host(),
        request.get_full_path(),
        request.headers.get("HX-Request", ""),
        theme if theme in {"light", "dark"} else "",
        get_language(),
    )


def _conditional(request: Request, response: HttpResponse) -> HttpResponse:
    answered: HttpResponse | None = get_conditional_response(
        request, etag=response["ETag"], response=response
    )
    return answered or response
