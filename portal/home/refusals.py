"""The answers to what nobody caught: pages for people, problem details for programs."""

# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.errors import Malformed, NotAllowed, NotFound, Refused
from portal.ui.problems import problem_response, wants_json


class Broken(Refused):
    """Something that is our fault and whose details are in the log only."""

    status = 500
    code = "broken"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _answer(request, "404.html", NotFound("There is nothing here."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _answer(request, "400.html", Malformed("We could not read that."))


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _answer(request, "403.html", NotAllowed("This is not yours to open."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    error = NotAllowed("We could not tell that it was you.", code="csrf_failed")
    return _answer(request, "403_csrf.html", error)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say sorry without a query: the database may be what broke."""
    return _answer(request, "500.html", Broken("Something broke on our side."))


def _answer(request: HttpRequest, template: str, error: Refused) -> HttpResponse:
    if wants_json(request):
        return problem_response(request, error)
    return render(request, template, status=error.status)
