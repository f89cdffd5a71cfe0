# ruff: noqa: TID251 - a validator answers in the view's place

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

from portal.ui.requests import Request

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponse]
# The form token is masked anew in each answer, so the same page would never look the same.
_FORM_TOKEN = re.compile(rb"(?<=[\"&;])[A-Za-z0-9]{64}(?=[\"&])")


def revalidated(view: View[P]) -> View[P]:
    """Let a visitor's browser keep the page and ask whether it changed.

    Only the browser: the page holds the visitor's form token, so no shared cache may keep it.
    """

    @wraps(view)
    def answer(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["Cookie", "HX-Request"])
        if response.status_code != 200:
            return response
        if request.actor.is_known:
            patch_cache_control(response, private=True, no_store=True)
            return response
        patch_cache_control(response, private=True, no_cache=True)
        content = _FORM_TOKEN.sub(b"", response.content)
        etag = f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'
        response["ETag"] = etag
        answered: HttpResponse | None = get_conditional_response(
            request, etag=etag, response=response
        )
        return answered or response

    return answer
