from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from catalog.apis.models import Api, Audience
from catalog.scopes.models import Depth
from portal.access.permissions import Permission
from portal.accounts.models import User
from portal.search.finding import MOST_HITS, Found, Hit, Page, find
from portal.search.forms import KINDS, LIVES, SearchForm, cursor_of, filters_of
from portal.search.misses import count_miss
from portal.search.models import Flow, Kind, Miss
from portal.search.wording import LONGEST, Wording, wording_of
from portal.ui.guards import staff_only
from portal.ui.requests import Request

# How many of each kind stand on the page of all kinds; the page of one kind has more.
FEW = {
    Kind.API: 5, Kind.OPERATION: 8, Kind.FIELD: 8, Kind.SCOPE: 5, Kind.PART: 8, Kind.GUIDE: 5,
}  # fmt: skip
MANY = 25
MOST_CHOICES = 8
_FILTERS = ("depth", "life", "flow", "audience", "sector", "owner")


@dataclass(frozen=True, slots=True)
class Row:
    hit: Hit
    title: SafeString
    note: SafeString


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    name: str
    count: int
    is_chosen: bool
    level: int = 0


@require_safe
def search(request: Request) -> HttpResponse:
    asked = SearchForm(request.GET).read()
    wording = wording_of(asked["q"])
    kind, after = KINDS.get(asked["kind"]), cursor_of(asked)
    sizes = dict(FEW) if kind is None else {kind: MANY + 1}
    page = Page(sizes, after if kind is not None else None)
    found = find(wording, actor=request.actor, filters=filters_of(asked), page=page)
    is_part = request.headers.get("HX-Request") == "true"
    known = _known(wording, asked)
    context = {
        "nav": "apis",
        "hides_search": True,
        "text": wording.text,
        "longest": LONGEST,
        "kind": asked["kind"],
        "known": known,
        "asked": asked,
        "found": found,
        "most": MOST_HITS,
        "count": found.counts.get(kind, 0) if kind else found.count,
        "groups": _groups(found, replace(wording, words=found.meant or wording.words), kind),
        "next": _next(found, kind),
        "is_later": bool(page.after),
        "kinds": _kinds(found, asked["kind"]),
        "facets": _facets(found, asked),
        "is_part": is_part,
    }
    if not found.count and wording.text:
        context |= _instead(request, wording, found)
        # Half a word is no question: only what was sent off counts, and only without filters.
        if not is_part and not found.facets and not any(asked[name] for name in _FILTERS):
            count_miss(wording, visitor=_visitor(request))
    template = "portal/search/_results.html" if is_part else "portal/search/search.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_safe
@staff_only(Permission.READ_SEARCHES)
def misses(request: Request) -> HttpResponse:
    """Show staff what people look for in vain, once enough of them did."""
    told = Miss.objects.told().order_by("-visitor_count", "-last_at")
    context = {"nav": "searches", "misses": told[:200], "enough": Miss.ENOUGH}
    return render(request, "portal/search/misses.html", context)


def _visitor(request: Request) -> str:
    if request.actor.is_known:
        return request.actor.id
    agent = request.headers.get("User-Agent", "")
    return f"{get_adapter().get_client_ip(request)} {agent}"


def _known(wording: Wording, asked: dict[str, Any]) -> QueryDict:
    """Return the part of the address that was understood, for the links on the page."""
    known = QueryDict(mutable=True)
    known["q"] = wording.text
    for name in _FILTERS:
        if asked[name]:
            known.setlist(name, [str(value) for value in asked[name]])
    return known


def _groups(
    found: Found, wording: Wording, only: Kind | None
) -> list[tuple[Kind, str, list[Row], int]]:
    """Return the rows of each kind, the words that were found marked in them."""
    shown = [only] if only else list(Kind)
    names = {kind: name for name, kind in KINDS.items()}
    return [
        (
            kind,
            names[kind],
            [
                Row(hit, wording.marked(hit.title), wording.marked(hit.note[:160]))
                for hit in found.hits[kind][: MANY if only else FEW[kind]]
            ],
            found.counts.get(kind, 0),
        )
        for kind in shown
        if found.hits.get(kind)
    ]


def _next(found: Found, kind: Kind | None) -> str:
    rows: Sequence[Hit] = found.hits.get(kind, ()) if kind else ()
    return rows[MANY - 1].cursor if len(rows) > MANY else ""


def _kinds(found: Found, chosen: str) -> list[Choice]:
    return [
        Choice(name, kind.label, found.counts.get(kind, 0), is_chosen=name == chosen)
        for name, kind in KINDS.items()
    ]


def _facets(found: Found, asked: dict[str, Any]) -> list[tuple[str, str, list[Choice]]]:
    counts = found.facets
    owners = counts.get("owners", {})
    people = User.objects.filter(pk__in=list(owners)[:50]).values_list("pk", "name")
    named: dict[str, tuple[str, dict[Any, str], Mapping[Any, int]]] = {
        "depth": ("Deepest data", dict(Depth.choices), counts.get("depths", {})),
        "life": ("Lifecycle", dict(LIVES), counts.get("lives", {})),
        "flow": ("How you get in", dict(Flow.choices), counts.get("flows", {})),
        "audience": ("For", _audiences(found, asked), counts.get("audiences", {})),
        "sector": (
            "Sector",
            {name: name for name in counts.get("sectors", {})},
            counts.get("sectors", {}),
        ),
        "owner": ("Owner", dict(people) if owners else {}, owners),
    }
    return [
        (name, title, _choices(names, count_of, asked[name], is_depth=name == "depth"))
        for name, (title, names, count_of) in named.items()
        if names and (found.facets or asked[name] or name in {"depth", "life", "flow"})
    ]


def _audiences(found: Found, asked: dict[str, Any]) -> dict[Any, str]:
    """Return whom results are for, where that is not the same for all of them."""
    told = [*found.facets.get("audiences", {}), *asked["audience"]]
    named = {value: name for value, name in Audience.choices if value in told}
    return named if len(named) > 1 or asked["audience"] else {}


def _choices(names: dict[Any, str], count_of: Any, asked: Any, *, is_depth: bool) -> list[Choice]:
    chosen = {str(each) for each in asked or ()}
    choices = [
        Choice(str(value), name, count_of.get(value, 0), str(value) in chosen, value * is_depth)
        for value, name in names.items()
    ]
    return choices if len(choices) <= MOST_CHOICES else choices[:MOST_CHOICES]


def _instead(request: Request, wording: Wording, found: Found) -> dict[str, Any]:
    """Return a way on for who found nothing: other filters, fewer words, or the APIs there are."""
    names = Api.objects.visible_to(request.actor).order_by("name")
    return {
        "is_narrowed": bool(found.facets),
        "suggested_words": wording.words if len(wording.words) > 1 else (),
        "suggested_apis": names.only("slug", "name")[:5],
    }
