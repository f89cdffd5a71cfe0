from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.changes.models import Deprecation
from partners.applications.models import Application
from partners.organizations.current import organization_of
from partners.upgrades import actions, use
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@require_safe
@signed_in
def listing(request: Request) -> HttpResponse:
    """Show a partner what ends that its clients may call, and how much they still do."""
    organization = organization_of(request)
    if organization is None:
        return redirect("organizations:join")
    now = timezone.now()
    subscriptions = use.subscriptions_of(organization.pk, at=now)
    apis = {one.plan.api_id for one in subscriptions}
    ends = Deprecation.objects.announced().filter(version__api__in=apis)
    named = list(ends.select_related("version__api", "successor__api"))
    context = {
        "nav": "apps",
        "uses": use.uses_of(named, subscriptions, at=now),
        "still": use.still_called(subscriptions, at=now),
        "days": use.DAYS,
    }
    return render(request, "partners/upgrades/list.html", context)


@require_POST
@signed_in
def acknowledgement(request: Request, slug: str, number: int) -> HttpResponse:
    application = get_object_or_404(
        Application, slug=slug, organization__in=request.actor.memberships
    )
    found = get_object_or_404(Deprecation.objects.select_related("version__api"), pk=number)
    if actions.acknowledge_end(found, application, by=request.actor):
        messages.success(request, f"Noted: {application} knows that {found.version} ends.")
    else:
        messages.info(request, f"{application} may not call {found.version}, so nothing is noted.")
    return redirect("upgrades:list")
