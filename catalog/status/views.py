from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.apis.models import Api
from catalog.status.facts import standings_of, state_of_api
from catalog.status.texts import status_lines
from portal.access.actors import ANONYMOUS, Actor
from portal.ui.caching import revalidated
from portal.ui.requests import Request
from portal.ui.texts import markdown


@require_safe
@revalidated
def status(request: Request, slug: str) -> HttpResponse:
    api = _api(slug, request.actor)
    context = {
        "nav": "apis",
        "api": api,
        "version": next(iter(api.shown_versions), None),
        "state": state_of_api(api),
        "standings": standings_of(api.shown_versions, at=timezone.now()),
    }
    return render(request, "catalog/status/status.html", context)


@require_safe
def status_text(request: Request, slug: str) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Give the same as Markdown, as somebody without an account sees it."""
    api = _api(slug, ANONYMOUS)
    return markdown(status_lines(api, standings_of(api.shown_versions, at=timezone.now())))


def _api(slug: str, actor: Actor) -> Api:
    return get_object_or_404(Api.objects.visible_to(actor).summarised(actor), slug=slug)
