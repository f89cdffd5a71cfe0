"""The page on which a client's developers read what became of each of its requests."""

# ruff: noqa: TID251 - it is a view, apart from those that customers see

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from catalog.plans.models import Environment
from consent.oauth.notes import notes_of
from partners.applications.models import Application
from partners.applications.own import own_application
from portal.ui.guards import signed_in
from portal.ui.requests import Request

PAGE_SIZE = 25


@signed_in
@require_GET
@never_cache
def log(request: Request, slug: str) -> HttpResponse:
    found = own_application(request.actor, slug)
    asked = request.GET.get("environment", "")
    is_live = found.status == Application.Status.LIVE
    usual = Environment.PRODUCTION if is_live else Environment.SANDBOX
    environment = asked if asked in Environment.values else usual
    client = found.clients.filter(environment=environment).first()
    notes = notes_of(client) if client else []
    only_refused = request.GET.get("status") == "refused"
    rows = [one for one in notes or () if one.error or not only_refused]
    context = {
        "application": found,
        "client": client,
        "environment": environment,
        "is_away": notes is None,
        "only_refused": only_refused,
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "nav": "apps",
    }
    return render(request, "consent/oauth/log.html", context)
