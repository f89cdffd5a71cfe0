from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.apis.models import Api, Operation
from catalog.guides.models import Guide
from catalog.guides.reading import read
from portal.access.actors import Actor
from portal.ui.caching import revalidated
from portal.ui.requests import Request


@require_safe
@revalidated
def listing(request: Request) -> HttpResponse:
    guides = list(Guide.objects.visible_to(request.actor).shown())
    return render(request, "catalog/guides/list.html", {"nav": "guides", "guides": guides})


@require_safe
@revalidated
def of_api(request: Request, slug: str) -> HttpResponse:
    api = _api(request, slug)
    context = {
        "nav": "apis",
        "api": api,
        "version": next(iter(api.shown_versions), None),
        "guides": list(Guide.objects.visible_to(request.actor).filter(api=api).shown()),
    }
    return render(request, "catalog/guides/of_api.html", context)


@require_safe
@revalidated
def guide(request: Request, slug: str) -> HttpResponse:
    guides = Guide.objects.visible_to(request.actor).select_related("shown", "api")
    found = get_object_or_404(guides, slug=slug)
    api = _api(request, found.api.slug) if found.api else None
    made = read(found.shown.text if found.shown else "")
    context = {
        "nav": "apis" if api else "guides",
        "guide": found,
        "api": api,
        "version": next(iter(api.shown_versions), None) if api else None,
        "read": made,
        "operations": _operations(made.operations, actor=request.actor),
    }
    return render(request, "catalog/guides/guide.html", context)


def _api(request: Request, slug: str) -> Api:
    visible = Api.objects.visible_to(request.actor).summarised(request.actor)
    api = get_object_or_404(visible, slug=slug)
    for version in api.shown_versions:
        version.api = api
    return api


def _operations(linked: Sequence[tuple[str, str, str]], *, actor: Actor) -> list[Operation]:
    """Return what the text leads to and the reader may see, in the order of the text."""
    if not linked:
        return []
    any_of_them = Q()
    for api, label, slug in linked:
        any_of_them |= Q(version__api__slug=api, version__label=label, slug=slug)
    visible = Operation.objects.visible_to(actor).filter(any_of_them)
    shown = ("slug", "method", "path", "summary", "depth", "version__label", "version__api__slug")
    rows = visible.select_related("version__api").only(*shown)
    found = {(row.version.api.slug, row.version.label, row.slug): row for row in rows}
    return [found[key] for key in linked if key in found]
