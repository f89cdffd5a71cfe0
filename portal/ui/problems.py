"""Refusals for programs: RFC 9457 problem details with a stable code."""

# ruff: noqa: TID251 - this is where refusals become HTTP

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from portal.errors import Refused

JSON_PREFIXES = (
    "/api/",
    "/gateway/",
    "/sandbox/",
    "/oauth/device_authorization",
    "/oauth/introspect",
    "/oauth/par",
    "/oauth/register",
    "/oauth/revoke",
    "/oauth/token",
)


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith(JSON_PREFIXES)


def problem_of(error: Refused) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": str(error),
        "status": error.status,
        "code": error.code,
    }
    if error.errors:
        problem["errors"] = error.errors
    return problem


def problem_response(request: HttpRequest, error: Refused) -> HttpResponse:
    body = problem_of(error) | {"request_id": request.META.get("HTTP_X_REQUEST_ID", "")}
    return JsonResponse(body, status=error.status, content_type="application/problem+json")
