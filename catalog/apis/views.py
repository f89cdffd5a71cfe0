from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Case, Count, Value, When
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.apis import pages
from catalog.apis.colours import coloured
from catalog.apis.forms import ListWishes, ReadingWishes, TagWishes
from catalog.apis.models import Api, ApiVersion, Life, Operation
from catalog.apis.readers import Reader, readers_of
from catalog.apis.rows import field_rows, fit, text_size
from catalog.apis.ruler import note_of, ruler_of
from catalog.apis.samples import in_order, sample_answer, sample_call, without, written
from catalog.apis.snippets import LANGUAGES, snippet
from catalog.scopes.models import Depth, Scope
from portal.ui.caching import revalidated
from portal.ui.requests import Request

FIELDS_ON_A_PAGE = 50
OPERATIONS_ON_A_PAGE = 50


@require_safe
@revalidated
def listing(request: Request) -> HttpResponse:
    wishes = ListWishes(request.GET).read()
    visible = Api.objects.visible_to(request.actor)
    sectors = visible.values_list("sector").annotate(count=Count("pk")).order_by("-count", "sector")
    found = visible.summarised(request.actor, depth=wishes["depth"])
    if wishes["sector"]:
        found = found.filter(sector=wishes["sector"])
    if wishes["life"]:
        found = found.in_life(Life(wishes["life"]))
    # An API that names no sector stands behind those that do.
    last = Case(When(sector="", then=Value(1)), default=Value(0))
    paginator = Paginator(found.order_by(last, "sector", Lower("name")), per_page=50)
    context = {
        "nav": "apis",
        "wishes": wishes,
        "known": wishes["known"],
        "sectors": list(sectors),
        "depths": Depth.choices,
        "lives": Life.choices,
        "page": paginator.get_page(request.GET.get("page")),
    }
    return render(request, "catalog/apis/list.html", context)


@require_safe
@revalidated
def api(request: Request, slug: str, label: str | None = None) -> HttpResponse:
    """Show a version of an API; without a label the one to use first."""
    visible = Api.objects.visible_to(request.actor).summarised(request.actor)
    shown = get_object_or_404(visible.select_related("owner"), slug=slug)
    versions: list[ApiVersion] = shown.shown_versions
    version = next((each for each in versions if label in {None, each.label}), None)
    if version is None:
        raise Http404
    tag = TagWishes(request.GET).read()["tag"]
    rows = version.operations.as_rows()
    paginator = Paginator(rows.filter(tag=tag) if tag else rows, per_page=OPERATIONS_ON_A_PAGE)
    operations = paginator.get_page(request.GET.get("page"))
    for operation in operations:
        operation.version = version
    revealed = pages.revealed_by(Scope.objects.filter(api_slug=slug))
    context = {
        "nav": "apis",
        "api": shown,
        "version": version,
        "note": note_of(version),
        **_menu(version, open_tag=tag or None),
        "tag": tag,
        "operations": operations,
        "revealed": revealed,
        "plans": shown.plans.prefetch_related("limits").order_by("-environment"),
        "ruler": ruler_of(versions, at=timezone.now()),
        "base_url": base_url(version),
        "now": timezone.now(),
    }
    return render(request, "catalog/apis/api.html", context)


@require_safe
@revalidated
def operation(request: Request, slug: str, label: str, op: str) -> HttpResponse:
    shown = get_object_or_404(
        Operation.objects.visible_to(request.actor).select_related("version__api").defer("search"),
        version__api__slug=slug,
        version__label=label,
        slug=op,
    )
    wishes = ReadingWishes(request.GET).read()
    readers = readers_of(request.actor)
    reader = next((each for each in readers if each.slug == wishes["app"]), None)
    context = {
        "nav": "apis",
        "api": shown.version.api,
        "version": shown.version,
        "operation": shown,
        "known": wishes["known"],
        **_menu(shown.version, open_tag=shown.tag),
        "readers": readers,
        "reader": reader,
        **_call(shown, wishes["lang"] or "curl"),
        **_answer(shown, reader, start=wishes["start"] or 0),
        **_parts(shown),
    }
    return render(request, "catalog/apis/operation.html", context)


def base_url(version: ApiVersion) -> str:
    return f"{settings.GATEWAY_URL}/{version.api.slug}/{version.label}"


def _menu(version: ApiVersion, *, open_tag: str | None) -> dict[str, Any]:
    groups = pages.menu_of(version, open_tag=open_tag)
    is_large = sum(group.count for group in groups) > pages.MENU_LIMIT
    return {"groups": groups, "is_large": is_large}


def _call(shown: Operation, language: str) -> dict[str, Any]:
    call = sample_call(shown, base_url(shown.version))
    return {
        "languages": LANGUAGES,
        "lang": language,
        "language_name": LANGUAGES[language],
        "snippet": coloured(snippet(language, call), language),
    }


def _answer(shown: Operation, reader: Reader | None, *, start: int) -> dict[str, Any]:
    """Return the fields of the answer, with what the reader's scopes leave out of it."""
    fields = list(shown.fields.defer("search").order_by("position"))
    codes = {field.cluster_code for field in fields if field.cluster_code}
    revealed = pages.revealed_by(pages.scopes_around(shown, codes))
    rows = field_rows(
        fields,
        scopes={row.cluster.code: row.scope.name for row in revealed if row.cluster},
        words={row.cluster.code: row.cluster.label for row in revealed if row.cluster},
        reader=reader,
    )
    left_out = [row for row in rows if row.is_left_out]
    example = sample_answer(shown)
    body = without(example, (row.pointer for row in left_out))
    body = in_order(body, [field.pointer for field in fields])
    return {
        "needs": [row for row in revealed if row.scope.name in shown.scopes],
        "rows": rows[start : start + FIELDS_ON_A_PAGE],
        "next_start": start + FIELDS_ON_A_PAGE if len(rows) > start + FIELDS_ON_A_PAGE else None,
        "start": start,
        "field_count": len(rows),
        "is_classified": any(row.depth or row.scope for row in rows),
        "left_out": left_out,
        "example": None if example is None else coloured(written(body), "json"),
    }


def _parts(shown: Operation) -> dict[str, Any]:
    parameters, more_parameters = fit(shown.parameters, room=12_000, size_of=text_size)
    body_fields, more_body_fields = fit(
        shown.request_body.get("fields", []), room=10_000, size_of=text_size
    )
    refusals, more_refusals = fit(pages.refusals(shown), room=14_000, size_of=text_size)
    return {
        "parameters": parameters,
        "more_parameters": more_parameters,
        "body_fields": body_fields,
        "more_body_fields": more_body_fields,
        "refusals": refusals,
        "more_refusals": more_refusals,
    }
