"""Every page of the catalog again with `.md`, as somebody without an account sees it."""

# ruff: noqa: TID251 - these are views, apart because of their form

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from catalog.apis import pages, texts
from catalog.apis.models import Api, ApiVersion, Operation
from catalog.apis.ruler import note_of
from catalog.apis.samples import sample_call
from catalog.apis.showing import answer_of, base_url
from catalog.apis.snippets import snippet
from catalog.scopes.models import Scope
from portal.access.actors import ANONYMOUS
from portal.ui.requests import Request
from portal.ui.texts import markdown

MOST_APIS = 2000


@require_safe
def listing(request: Request) -> HttpResponse:  # noqa: ARG001 - Django's call
    return markdown(texts.list_text(Api.objects.visible_to(ANONYMOUS).order_by("name")[:MOST_APIS]))


@require_safe
def api(request: Request, slug: str, label: str | None = None) -> HttpResponse:  # noqa: ARG001
    versions = ApiVersion.objects.visible_to(ANONYMOUS).filter(api__slug=slug)
    if label is not None:
        versions = versions.filter(label=label)
    version = versions.select_related("api").newest_first().first()
    if version is None:
        raise Http404
    operations = list(version.operations.as_rows())
    for operation in operations:
        operation.version = version
    text = texts.api_text(
        version,
        base_url=base_url(version),
        note=note_of(version),
        revealed=pages.revealed_by(Scope.objects.filter(api_slug=slug)),
        operations=operations,
    )
    return markdown(text)


@require_safe
def operation(request: Request, slug: str, label: str, op: str) -> HttpResponse:  # noqa: ARG001
    shown = get_object_or_404(
        Operation.objects.visible_to(ANONYMOUS).select_related("version__api"),
        version__api__slug=slug,
        version__label=label,
        slug=op,
    )
    answer = answer_of(shown, None, start=0)
    text = texts.operation_text(
        shown,
        needs=answer["needs"],
        rows=answer["all_rows"],
        refusals=pages.refusals(shown),
        sample=snippet("curl", sample_call(shown, base_url(shown.version))),
        body=answer["body"],
    )
    return markdown(text)
