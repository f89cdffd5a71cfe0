"""Programs are answered at once: with what holds for all answers, without what browsers need."""

# ruff: noqa: TID251, SLF001 - it is middleware, and adds ten headers at the price of one

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

import structlog
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import ResolverMatch, resolve, reverse
from django.utils import translation
from django_permissions_policy import PermissionsPolicyMiddleware

from portal.errors import Refused
from portal.ui.middleware import (
    GetResponse,
    RequestLogMiddleware,
    checked,
    refused,
    take_request_id,
)

Headers = dict[str, tuple[str, str]]
_ALIKE_FOR_ALL: tuple[Callable[[Any], Any], ...] = (
    SecurityMiddleware,
    PermissionsPolicyMiddleware,
    CSPMiddleware,
)
_logger = logging.getLogger(__name__)


class ProgramsMiddleware:
    """Answer programs without what only browsers bring: sessions, languages, forms, messages.

    `PROGRAM_VIEWS` names the addresses; whoever calls them proves itself in each request. It comes
    first: what the others would add is the same for each answer, or it does it itself.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.answer: Any = convert_exception_to_response(_answer)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = _program_views().get(request.path_info)
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        request_id = take_request_id(request)
        bound = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response: HttpResponse = self.answer(request)
            _log(request, response)
        finally:
            structlog.contextvars.reset_contextvars(**bound)
        said = response.headers._store
        response.headers._store = {
            **_alike_for_all(request.is_secure()),
            "content-length": ("Content-Length", str(len(response.content))),
            "x-request-id": ("X-Request-Id", request_id),
            **said,
        }
        return response


def _answer(request: HttpRequest) -> HttpResponse:
    request.get_host()  # An unknown one is refused here, too.
    translation.deactivate()  # The thread answered somebody before, perhaps in French.
    match = _program_views()[request.path_info]
    try:
        checked(request)
        response: HttpResponse = match.func(request)
    except Refused as error:
        response = refused(request, error)
    return response


def _log(request: HttpRequest, response: HttpResponse) -> None:
    """Write one line, at the end; what failed has one already."""
    status = response.status_code
    level = logging.INFO if status < 400 else logging.WARNING if status < 500 else logging.ERROR
    if _logger.isEnabledFor(level) and not hasattr(request, "_raised_exception"):
        told = {
            "code": status,
            "request": RequestLogMiddleware.format_request(request),
            "user_agent": request.META.get("HTTP_USER_AGENT"),
        }
        _logger.log(level, "request_finished", extra=told)


class _Empty(HttpRequest):
    def __init__(self, *, is_secure: bool) -> None:
        super().__init__()
        self._is_secure = is_secure

    def is_secure(self) -> bool:
        return self._is_secure


@cache
def _program_views() -> dict[str, ResolverMatch]:
    paths = [reverse(name) for name in settings.PROGRAM_VIEWS]
    return {path: resolve(path) for path in paths}


@cache
def _alike_for_all(is_secure: bool) -> Headers:  # noqa: FBT001 - one of two
    """Return the headers that every answer gets, from the middleware that gives them."""
    answer: Any = lambda _: HttpResponse()  # noqa: E731
    for middleware in _ALIKE_FOR_ALL:
        answer = middleware(answer)
    headers: Headers = answer(_Empty(is_secure=is_secure)).headers._store
    return {name: said for name, said in headers.items() if name != "content-type"}
