from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Case, Count, Value, When
from django.db.models.functions import Lower
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.apis import pages
from catalog.apis.forms import ListWishes, ReadingWishes, TagWishes
from catalog.apis.models import Api, ApiVersion, Audience, Life, Operation, Part
from catalog.apis.readers import readers_of
from catalog.apis.ruler import note_of, ruler_of
from catalog.apis.showing import answer_of, base_url, call_of, menu_of, parts_of, token_of
from catalog.scopes.models import Depth, Scope
from portal.access.actors import Actor
from portal.ui.caching import revalidated
from portal.ui.requests import Request

OPERATIONS_ON_A_PAGE = 50
PARTS_ON_A_PAGE = 100


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
    if wishes["audience"]:
        found = found.filter(audience=wishes["audience"])
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
        "audiences": Audience.choices if _sees_more(request.actor) else [],
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
    if version.kind != ApiVersion.Kind.REST:
        return _parts_of(request, shown, version)
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
        **menu_of(version, open_tag=tag or None),
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
    """Show an operation; in a version of another kind, the part of that name."""
    place = {"version__api__slug": slug, "version__label": label, "slug": op}
    operations = Operation.objects.visible_to(request.actor).select_related("version__api")
    shown = operations.filter(**place).first()
    if shown is None:
        parts = Part.objects.filter(version__in=ApiVersion.objects.visible_to(request.actor))
        return _part(request, get_object_or_404(parts.select_related("version__api"), **place))
    wishes = ReadingWishes(request.GET).read()
    readers = readers_of(request.actor)
    reader = next((each for each in readers if each.slug == wishes["app"]), None)
    context = {
        "nav": "apis",
        "api": shown.version.api,
        "version": shown.version,
        "operation": shown,
        "known": wishes["known"],
        **menu_of(shown.version, open_tag=shown.tag),
        "readers": readers,
        "reader": reader,
        **call_of(shown, wishes["lang"] or "curl"),
        **answer_of(shown, reader, start=wishes["start"] or 0),
        **parts_of(shown),
    }
    context["token"] = token_of(shown, reader, context["needs"])
    return render(request, "catalog/apis/operation.html", context)


def _sees_more(actor: Actor) -> bool:
    """Whether some of what the actor sees may not be for everybody."""
    return actor.is_staff or bool(actor.memberships)


def _parts_of(request: Request, api: Api, version: ApiVersion) -> HttpResponse:
    group = TagWishes(request.GET).read()["tag"]
    parts = version.parts.order_by("position", "pk")
    chosen = parts.filter(group=group) if group else parts
    context = {
        "nav": "apis",
        "api": api,
        "version": version,
        "group": group,
        "groups": version.parts.groups(),
        "parts": Paginator(chosen, per_page=PARTS_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "catalog/apis/parts.html", context)


def _part(request: Request, part: Part) -> HttpResponse:
    version = part.version
    context = {"nav": "apis", "api": version.api, "version": version, "part": part}
    return render(request, "catalog/apis/part.html", context)
