from __future__ import annotations

import re

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalog.specs.markdown import to_html
from consent.notices.models import FALLBACK, PRIVACY, Notice, in_language

MAX_LENGTH = 100_000
# Below the page's own heading and that of the version.
TOP = 3
_HEADING = re.compile(r"<h([1-6])>")
_HEADING_TAG = re.compile(r"(</?h)([1-6])(>)")


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    return _page(request, Notice.objects.in_force(at=timezone.now()))


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show a version for as long as there are receipts that name it, also before it counts."""
    return _page(request, Notice.objects.filter(code=PRIVACY, version=number))


def _page(request: HttpRequest, notices: QuerySet[Notice]) -> HttpResponse:
    notice = in_language(notices, get_language() or FALLBACK)
    if notice is None:
        raise Http404
    context = {
        "nav": "help",
        "notice": notice,
        "text": _raised(to_html(notice.text, max_length=MAX_LENGTH)),
        "newest": Notice.objects.in_force(at=timezone.now()).first(),
    }
    return render(request, "consent/notices/notice.html", context)


def _raised(text: str) -> str:
    """Let the highest headings of a text be of the third level, whatever its author began with."""
    highest = min((int(found) for found in _HEADING.findall(text)), default=TOP)
    return _HEADING_TAG.sub(lambda tag: f"{tag[1]}{int(tag[2]) - highest + TOP}{tag[3]}", text)
