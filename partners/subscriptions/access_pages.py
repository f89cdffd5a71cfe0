"""An access that was given, as the partner sees it: until when, under what, and how it rests."""

# ruff: noqa: TID251 - these are views, apart because of what they are about

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from partners.subscriptions.models import Subscription
from partners.subscriptions.pausing import pause_subscription, resume_subscription
from partners.subscriptions.smaller_plans import smaller_plans, take_smaller_plan
from portal.access.permissions import Permission, allows
from portal.ui.guards import signed_in
from portal.ui.requests import Request

Pause = Subscription.Pause


@signed_in
@require_GET
def access(request: Request, slug: str, access_id: int) -> HttpResponse:
    found = _own(request, slug, access_id)
    application, now = found.client.application, timezone.now()
    owner = application.organization_id
    context = {
        "application": application,
        "access": found,
        "conditions": told_conditions(found),
        "state": state_of(found),
        "is_paused_by_us": Pause.PARTNER in found.pauses,
        "is_live": found.is_live and found.ends_at > now,
        "smaller": smaller_plans(found) if found.is_live else [],
        "may_pause": allows(request.actor, Permission.PAUSE_ACCESS, organization_id=owner),
        "may_ask": allows(request.actor, Permission.REQUEST_ACCESS, organization_id=owner),
        "nav": "apps",
    }
    return render(request, "partners/subscriptions/access.html", context)


@signed_in
@require_POST
def pause(request: Request, slug: str, access_id: int) -> HttpResponse:
    found = _own(request, slug, access_id)
    if Pause.PARTNER in found.pauses:
        resume_subscription(found, by=request.actor, reason=Pause.PARTNER)
        messages.success(request, "Your pause is over.")
    else:
        pause_subscription(found, by=request.actor, reason=Pause.PARTNER)
        messages.success(request, "Calls are refused from now on. Resume whenever you like.")
    return redirect(found)


@signed_in
@require_POST
def plan(request: Request, slug: str, access_id: int) -> HttpResponse:
    found = _own(request, slug, access_id)
    wanted = request.POST.get("plan", "")
    chosen = next((one for one in smaller_plans(found) if one.code == wanted), None)
    if chosen is None:
        messages.error(request, "Choose one of the smaller plans.")
        return redirect(found)
    smaller = take_smaller_plan(found, by=request.actor, plan=chosen)
    messages.success(request, f"{chosen.name} holds from the next call on.")
    return redirect(smaller)


def told_conditions(found: Subscription) -> list[dict[str, object]]:
    now = timezone.now()
    return [
        {"row": condition, "is_broken": condition.is_broken(at=now)}
        for condition in found.conditions.select_related("met_by").order_by("due_at", "pk")
    ]


def state_of(found: Subscription) -> tuple[str, str]:
    """Return what the access is now in a word, and the tone of it."""
    if not found.is_live:
        return ("Ended", "neutral")
    if Subscription.objects.active(at=timezone.now()).filter(pk=found.pk).exists():
        return ("Works", "success")
    if found.ends_at <= timezone.now():
        return ("Ended", "neutral")
    return ("Rests", "warning")


def _own(request: Request, slug: str, access_id: int) -> Subscription:
    mine = Subscription.objects.filter(
        client__application__organization__in=list(request.actor.memberships),
        client__application__slug=slug,
    )
    return get_object_or_404(
        mine.select_related("client__application__organization", "plan__api"), pk=access_id
    )
