"""Every page of the changelog again with `.md`, as somebody without an account sees it."""

# ruff: noqa: TID251 - these are views, apart because of their form

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.apis.models import Api, ApiVersion
from catalog.changes import texts
from catalog.changes.models import Entry
from catalog.changes.timeline import coming_of, history_of
from portal.access.actors import ANONYMOUS
from portal.ui.requests import Request
from portal.ui.texts import markdown

MOST_ENTRIES = 500


@require_safe
def news(request: Request) -> HttpResponse:  # noqa: ARG001 - Django's call
    entries = Entry.objects.visible_to(ANONYMOUS).newest_first().with_counts()[:MOST_ENTRIES]
    now = timezone.now()
    ending = ApiVersion.objects.visible_to(ANONYMOUS).filter(sunset_at__gt=now)
    coming = coming_of(ending.select_related("api").defer("description_html"), at=now)
    return markdown(texts.news_text(entries, coming=coming))


@require_safe
def changelog(request: Request, slug: str) -> HttpResponse:  # noqa: ARG001
    visible = Api.objects.visible_to(ANONYMOUS).summarised(ANONYMOUS)
    api = get_object_or_404(visible, slug=slug)
    found = Entry.objects.visible_to(ANONYMOUS).filter(api=api)
    entries = found.newest_first().with_counts()[:MOST_ENTRIES]
    now = timezone.now()
    history = history_of(api.shown_versions, entries=entries, at=now)
    coming = coming_of(api.shown_versions, at=now)
    return markdown(texts.changelog_text(api, history=history, coming=coming))


@require_safe
def entry(request: Request, slug: str, number: int) -> HttpResponse:  # noqa: ARG001
    entries = Entry.objects.visible_to(ANONYMOUS)
    told = entries.select_related("api", "version", "comparison")
    return markdown(texts.entry_text(get_object_or_404(told, api__slug=slug, pk=number)))
