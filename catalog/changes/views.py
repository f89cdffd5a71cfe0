from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.apis.models import Api, ApiVersion
from catalog.changes import feeds, pages
from catalog.changes.comparisons import comparison_of
from catalog.changes.diff.rules import RULES
from catalog.changes.forms import CompareForm, LevelWishes, NewsWishes
from catalog.changes.models import Comparison, Entry
from catalog.changes.timeline import coming_of, history_of
from catalog.specs.models import SpecRevision
from portal.ui.addresses import address
from portal.ui.caching import revalidated
from portal.ui.requests import Request

ENTRIES_ON_A_PAGE = 30
LINES_ON_A_PAGE = 100
ENTRIES_IN_A_FEED = 50


@require_safe
@revalidated
def news(request: Request) -> HttpResponse:
    """Show what changed in all APIs, newest first."""
    entries = Entry.objects.visible_to(request.actor).newest_first().with_counts()
    if only := NewsWishes(request.GET).read():
        entries = entries.filter(comparison__breaking_count__gt=0)
    context = {
        "nav": "changes",
        "only": only,
        "page": Paginator(entries, ENTRIES_ON_A_PAGE).get_page(request.GET.get("page")),
        "coming": coming_of(_retiring(request)[:ENTRIES_ON_A_PAGE], at=timezone.now()),
    }
    return render(request, "catalog/changes/news.html", context)


@require_safe
@revalidated
def news_feed(request: Request) -> HttpResponse:
    entries = Entry.objects.visible_to(request.actor).newest_first()
    feed = feeds.atom(
        entries.select_related("api", "comparison")[:ENTRIES_IN_A_FEED],
        title="Changes in all APIs",
        page=address("changes:news"),
        here=address("changes:news_feed"),
    )
    return HttpResponse(feed, content_type=feeds.ATOM)


@require_safe
@revalidated
def sunsets(request: Request) -> HttpResponse:
    """Give every planned end of a version as a calendar that a program can subscribe to."""
    versions = _retiring(request)
    # The same hour for everybody who asks in it, so that an unchanged calendar stays unchanged.
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    response = HttpResponse(feeds.calendar(versions, at=now), content_type=feeds.ICALENDAR)
    response["Content-Disposition"] = 'inline; filename="sunsets.ics"'
    return response


@require_safe
@revalidated
def rules(request: Request) -> HttpResponse:
    found = [
        (title, tone, [rule for rule in RULES.values() if rule.level is level])
        for level, (title, tone) in pages.LEVELS.items()
    ]
    return render(request, "catalog/changes/rules.html", {"nav": "changes", "levels": found})


@require_safe
@revalidated
def changelog(request: Request, slug: str) -> HttpResponse:
    shown = _api(request, slug)
    versions: list[ApiVersion] = shown.shown_versions
    entries = Entry.objects.visible_to(request.actor).filter(api=shown)
    page = Paginator(entries.newest_first().with_counts(), ENTRIES_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    now = timezone.now()
    context = {
        "nav": "apis",
        "api": shown,
        "version": versions[0] if versions else None,
        "page": page,
        "coming": coming_of(versions, at=now),
        "history": history_of(versions, entries=page.object_list, at=now),
        "may_compare": len(versions) > 1,
    }
    return render(request, "catalog/changes/changelog.html", context)


@require_safe
@revalidated
def changelog_feed(request: Request, slug: str) -> HttpResponse:
    shown = get_object_or_404(Api.objects.visible_to(request.actor), slug=slug)
    entries = Entry.objects.visible_to(request.actor).filter(api=shown).newest_first()
    feed = feeds.atom(
        entries.select_related("api", "comparison")[:ENTRIES_IN_A_FEED],
        title=f"Changes in {shown.name}",
        page=address("changes:changelog", slug),
        here=address("changes:changelog_feed", slug),
    )
    return HttpResponse(feed, content_type=feeds.ATOM)


@require_safe
@revalidated
def entry(request: Request, slug: str, number: int) -> HttpResponse:
    """Show one entry with every single change; its address stays."""
    told = get_object_or_404(
        Entry.objects.visible_to(request.actor).select_related(
            "api", "version__api", "comparison__old__version__api"
        ),
        api__slug=slug,
        pk=number,
    )
    comparison = told.comparison
    context = {"nav": "apis", "api": told.api, "version": told.version, "entry": told}
    if comparison is not None:
        old = comparison.old.version or told.version
        context |= _lines(request, comparison, old=old, new=told.version)
    return render(request, "catalog/changes/entry.html", context)


@require_safe
@revalidated
def compare(request: Request, slug: str) -> HttpResponse:
    """Compare any two versions that the reader may see; without a choice the newest two."""
    shown = _api(request, slug)
    versions: list[ApiVersion] = shown.shown_versions
    by_age = sorted(versions, key=lambda version: version.published_at or version.created_at)
    usual = {"old": by_age[-2].label, "new": by_age[-1].label} if len(by_age) > 1 else {}
    is_asked = "old" in request.GET or "new" in request.GET
    form = CompareForm(request.GET if is_asked else usual, versions=by_age)
    context: dict[str, Any] = {
        "nav": "apis",
        "api": shown,
        "version": versions[0] if versions else None,
        "form": form,
        "versions": by_age,
    }
    if (chosen := form.chosen()) is not None:
        old, new = chosen
        context |= {"old": old, "new": new, "is_same": old == new}
        revisions = SpecRevision.objects.current().filter(version__in=[old.pk, new.pk])
        found = {revision.version_id: revision for revision in revisions.defer("raw")}
        comparison = None
        if old != new and len(found) == 2:
            comparison = comparison_of(found[old.pk], found[new.pk])
        if comparison is not None:
            context |= _lines(request, comparison, old=old, new=new)
    return render(request, "catalog/changes/compare.html", context)


def _lines(
    request: Request, comparison: Comparison, *, old: ApiVersion, new: ApiVersion
) -> dict[str, Any]:
    level = LevelWishes(request.GET).read()
    found = Paginator(pages.lines_of(comparison, level=level), LINES_ON_A_PAGE)
    page = found.get_page(request.GET.get("page"))
    return {
        "comparison": comparison,
        "counts": pages.counts_of(comparison),
        "level": level,
        "page": page,
        "lines": pages.shown(page.object_list, comparison, old=old, new=new),
    }


def _api(request: Request, slug: str) -> Api:
    visible = Api.objects.visible_to(request.actor).summarised(request.actor)
    found = get_object_or_404(visible, slug=slug)
    for version in found.shown_versions:
        version.api = found
    return found


def _retiring(request: Request) -> Any:
    """Return the versions with an end before them, the next one first."""
    versions = ApiVersion.objects.visible_to(request.actor).filter(sunset_at__gt=timezone.now())
    return versions.select_related("api").defer("description_html").order_by("sunset_at", "pk")
