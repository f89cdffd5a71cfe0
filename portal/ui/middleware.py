from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django_structlog.middlewares import RequestMiddleware

from portal.accounts.models import User
from portal.errors import Malformed, Refused, TooLarge
from portal.ui.problems import problem_response, wants_json

GetResponse = Callable[[HttpRequest], HttpResponse]
_MAX_QUERY_LENGTH = 8192
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id, the caller's own if it is a plain one, and say it in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = take_request_id(request)
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


def take_request_id(request: HttpRequest) -> str:
    """Return the id that the request came with, if it is a plain one, or give it one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    request_id = given if given and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    request.META["HTTP_X_REQUEST_ID"] = request_id
    return request_id


class RequestLogMiddleware(RequestMiddleware):
    """Log each request by method and path; the query may hold a code or a person's words."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"


class InputMiddleware:
    """Refuse input that no part of the portal can mean: NUL bytes, endless values and bodies."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            checked(request)
        except Refused as error:
            return refused(request, error)
        return self.get_response(request)


def checked(request: HttpRequest) -> None:
    """Pass only input that some part of the portal can mean; of the rest nothing was read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:20]) > settings.MAX_BODY_BYTES:
        raise TooLarge("What you sent is too large. Nothing was read.")
    query = request.META.get("QUERY_STRING", "")
    if len(query) > _MAX_QUERY_LENGTH:
        raise Malformed("The address is too long.")
    if "%00" in query or "\x00" in query or "\x00" in request.path:
        raise Malformed("The address holds a NUL byte.")


class ZoneMiddleware:
    """Tell customers the time in their own zone; everybody else reads UTC."""

    prefixes = ("/me/", "/oauth/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if request.path.startswith(self.prefixes) else None
        if not isinstance(user, User):
            return self.get_response(request)
        with timezone.override(_zone(user.time_zone)):
            return self.get_response(request)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        return UTC


class RefusalMiddleware:
    """Turn a refusal into a page, or into problem details for a JSON client."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refused(request, error) if isinstance(error, Refused) else None


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    if wants_json(request):
        return problem_response(request, error)
    return render(request, "refused.html", {"error": error}, status=error.status)
