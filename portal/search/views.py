from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from catalog.apis.models import Api, Field
from catalog.scopes.models import Depth
from portal.search.finding import Filters, Found, find, scopes_for
from portal.search.forms import KINDS, LIVES, SearchForm
from portal.search.wording import LONGEST, Wording, wording_of
from portal.ui.requests import Request

# How many of each kind stand on the page of all kinds; the page of one kind has more.
FEW = {"apis": 5, "operations": 8, "fields": 8}
MANY = 25


@require_safe
def search(request: Request) -> HttpResponse:
    form = SearchForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    wording = wording_of(asked.get("q") or "")
    kind, page = asked.get("kind") or "", asked.get("page") or 1
    found = find(
        wording,
        actor=request.actor,
        filters=Filters(depths=asked.get("depth") or (), statuses=asked.get("life") or ()),
        limits=_limits(kind, page),
    )
    known = _known(wording, asked)
    context = {
        "nav": "apis",
        "hides_search": True,
        "text": wording.text,
        "longest": LONGEST,
        "kind": kind,
        "kinds": KINDS,
        "depths": Depth.choices,
        "lives": LIVES,
        "asked": asked,
        "known": known,
        "found": found,
        "page": _page_of(found, kind, page),
        **_rows(found, wording),
    }
    if not found.count and wording.text:
        names = Api.objects.visible_to(request.actor).order_by("name")
        context["suggested_words"] = wording.words if len(wording.words) > 1 else ()
        context["suggested_apis"] = names.only("slug", "name")[:5]
    is_part = request.headers.get("HX-Request") == "true"
    template = "portal/search/_results.html" if is_part else "portal/search/search.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    patch_cache_control(response, private=True, no_store=True)
    return response


def _limits(kind: str, page: int) -> dict[str, tuple[int, int]]:
    if kind:
        return {kind: ((page - 1) * MANY, page * MANY)}
    return {each: (0, few) for each, few in FEW.items()}


def _page_of(found: Found, kind: str, page: int) -> Any:
    if not kind:
        return None
    return Paginator(range(getattr(found, kind).count), MANY).get_page(page)


def _known(wording: Wording, asked: dict[str, Any]) -> QueryDict:
    known = QueryDict(mutable=True)
    known["q"] = wording.text
    for name in ("depth", "life"):
        known.setlist(name, [str(value) for value in asked.get(name) or ()])
    return known


def _rows(found: Found, wording: Wording) -> dict[str, Any]:
    """Return the rows with the words that were found marked in them."""
    scopes = scopes_for(found.fields.rows)
    return {
        "apis": [
            (api, wording.marked(api.name), wording.marked(api.summary)) for api in found.apis.rows
        ],
        "operations": [
            (operation, wording.marked(operation.summary), wording.marked(operation.path[:120]))
            for operation in found.operations.rows
        ],
        "fields": [
            (row, _name_of(row, wording), scopes.get(row.cluster_code, row.scope))
            for row in found.fields.rows
        ],
    }


def _name_of(row: Field, wording: Wording) -> SafeString:
    """Write a pointer as people do: `refills.left` for `/items/*/refills/left`."""
    steps = [step for step in row.pointer.split("/") if step and step != "*"]
    if len(steps) > 1 and steps[0] in {"items", "data", "results"}:
        steps = steps[1:]
    return wording.marked(".".join(steps[-3:])[:90])
