"""Guides as Markdown, as somebody without an account sees them."""

# ruff: noqa: TID251 - these are views, apart because of their form

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from catalog.apis.models import Api
from catalog.apis.plain import cell
from catalog.guides.models import Guide
from portal.access.actors import ANONYMOUS
from portal.ui.requests import Request
from portal.ui.texts import markdown


@require_safe
def listing(request: Request) -> HttpResponse:  # noqa: ARG001 - Django's call
    return markdown(["# Guides", "", *_rows(Guide.objects.visible_to(ANONYMOUS).shown())])


@require_safe
def of_api(request: Request, slug: str) -> HttpResponse:  # noqa: ARG001 - Django's call
    api = get_object_or_404(Api.objects.visible_to(ANONYMOUS), slug=slug)
    guides = Guide.objects.visible_to(ANONYMOUS).filter(api=api).shown()
    return markdown([f"# Guides for {cell(api.name)}", "", *_rows(guides)])


@require_safe
def guide(request: Request, slug: str) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Hand on what was written: there is no HTML in it, or it would not have been kept."""
    guides = Guide.objects.visible_to(ANONYMOUS).select_related("shown", "api")
    found = get_object_or_404(guides, slug=slug)
    shown = found.shown
    assert shown is not None  # noqa: S101 - what is published shows something
    about = f"About [{cell(found.api.name)}](/apis/{found.api.slug}.md)" if found.api else ""
    head = [f"# {cell(shown.title)}", "", cell(shown.summary), "", about, ""]
    return markdown([*head, shown.text])


def _rows(guides: Iterable[Guide]) -> list[str]:
    return [
        f"- [{cell(one.shown.title)}](/guides/{one.slug}.md): {cell(one.shown.summary)}"
        for one in guides
        if one.shown is not None
    ]
