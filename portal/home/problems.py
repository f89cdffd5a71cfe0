"""What a stable error code means, in words: the page that a problem's `type` leads to."""

# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from consent.oauth.explanations import EXPLAINED
from portal.errors import Refused
from portal.home.words import WORDS
from portal.ui.requests import Request


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    meaning: str
    remedy: str


@require_safe
def problem(request: Request, code: str) -> HttpResponse:
    context = {"problem": _problem_of(code), "nav": ""}
    return render(request, "portal/home/problem.html", context)


def _problem_of(code: str) -> Problem:
    for words in (WORDS, EXPLAINED):
        if code in words:
            return Problem(code, *words[code])
    for refusal in _refusals(Refused):
        if refusal.code == code:
            return Problem(code, *_by_status(refusal.status))
    raise Http404


def _refusals(parent: type[Refused]) -> Iterator[type[Refused]]:
    for child in parent.__subclasses__():
        yield child
        yield from _refusals(child)


def _by_status(status: int) -> tuple[str, str]:
    code = {
        HTTPStatus.BAD_REQUEST: "malformed",
        HTTPStatus.FORBIDDEN: "not_allowed",
        HTTPStatus.NOT_FOUND: "not_found",
        HTTPStatus.CONFLICT: "conflict",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
        HTTPStatus.TOO_MANY_REQUESTS: "too_many",
    }.get(HTTPStatus(status), "refused")
    return WORDS[code]
