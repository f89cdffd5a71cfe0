from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.changes.models import Deprecation
from partners.applications.models import Client
from partners.organizations.current import organization_of
from partners.subscriptions.models import Subscription
from partners.upgrades import actions
from partners.upgrades.models import Acknowledgement
from partners.upgrades.traffic import calls_of
from portal.ui.guards import signed_in
from portal.ui.requests import Request

DAYS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """`calls` are those of the last days, None where none was seen."""

    deprecation: Deprecation
    client: Client
    calls: int | None
    known: Acknowledgement | None


@require_safe
@signed_in
def listing(request: Request) -> HttpResponse:
    """Show a partner which versions end that its clients may call, and how much they still do."""
    organization = organization_of(request)
    if organization is None:
        return redirect("organizations:join")
    now = timezone.now()
    active = Subscription.objects.active(at=now).filter(
        client__application__organization=organization
    )
    subscriptions = list(active.select_related("client__application", "plan"))
    apis = {one.plan.api_id for one in subscriptions}
    ends = Deprecation.objects.announced().filter(version__api__in=apis)
    ends = ends.select_related("version__api", "successor__api").order_by("version__sunset_at")
    known = {
        (one.deprecation_id, one.client_id): one
        for one in Acknowledgement.objects.filter(
            client__in=[one.client_id for one in subscriptions]
        ).select_related("acknowledged_by")
    }
    rows = []
    for end in ends:
        users = [one.client for one in subscriptions if one.plan.api_id == end.version.api_id]
        key = f"{end.version.api.slug}/{end.version.label}"
        calls = calls_of([one.pk for one in users], key, since=now - timedelta(days=DAYS))
        rows += [
            Row(end, client, calls.get(client.pk), known.get((end.pk, client.pk)))
            for client in users
        ]
    context = {"nav": "apps", "rows": rows, "days": DAYS}
    return render(request, "partners/upgrades/list.html", context)


@require_POST
@signed_in
def acknowledgement(request: Request, slug: str, number: int) -> HttpResponse:
    client = get_object_or_404(
        Client.objects.select_related("application"),
        application__slug=slug,
        application__organization__in=request.actor.memberships,
        environment="production",
    )
    found = get_object_or_404(Deprecation.objects.select_related("version__api"), pk=number)
    actions.acknowledge_end(found, client, by=request.actor)
    messages.success(request, f"Noted: {client.application} knows that {found.version} ends.")
    return redirect("upgrades:list")
