"""The page on which a new partner makes the first call, from the browser."""

# ruff: noqa: TID251 - these are views, apart because programs call the others

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from partners.applications.first_call import open_operation
from partners.joining.actions import note_first_answer, start_of
from partners.organizations.current import organization_of
from portal.accounts.models import User
from portal.sandbox import starting
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def first_call(request: Request) -> HttpResponse:
    organization = organization_of(request)
    start = start_of(organization) if organization else None
    if organization is None or start is None:
        return redirect("home:home")
    key = starting.key_of(request, start.client)
    exchanges: tuple[starting.Exchange, ...] = ()
    if request.method == "POST":
        now = timezone.now()
        exchanges = starting.first_call(start.client, key, at=now)
        if exchanges and all(exchange.is_fine for exchange in exchanges):
            note_first_answer(organization.slug, at=now, by=request.actor)
            start.refresh_from_db(fields=["answered_at"])
            starting.let_go_of_key(request)
    context = {
        "organization": organization,
        "start": start,
        "application": start.client.application,
        "operation": open_operation(start.client),
        "key": key,
        "exchanges": exchanges,
        "was_asked": request.method == "POST",
        "nav": "home",
    }
    return render(request, "portal/sandbox/first_call.html", context)


@signed_in
@require_POST
def start(request: Request) -> HttpResponse:
    """Begin later, for who had an account before they wanted to build."""
    if organization_of(request) is None:
        starting.begin(request, User.objects.get(pk=request.actor.person_id or 0))
    return redirect("sandbox:first_call")
