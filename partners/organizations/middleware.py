from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from partners.organizations.actors import actor_of
from portal.access.actors import Actor
from portal.ui.requests import Request


class ActorMiddleware:
    """Settle who is acting, once, when somebody asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        settled = cast("Actor", SimpleLazyObject(lambda: actor_of(request.user)))
        cast("Request", request).actor = settled
        return self.get_response(request)
