"""An access that was given, as staff see it: hold it back, take what was owed as met, end it."""

# ruff: noqa: TID251 - these are views, apart because of their readers

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from partners.applications.models import Application
from partners.organizations.forms import ReasonForm
from partners.subscriptions.access_pages import state_of, told_conditions
from partners.subscriptions.actions import revoke_subscription
from partners.subscriptions.conditions import meet_condition
from partners.subscriptions.models import Subscription
from partners.subscriptions.pausing import pause_subscription, resume_subscription
from portal.access.permissions import Permission, allows
from portal.ui.guards import staff_only
from portal.ui.requests import Request

Pause = Subscription.Pause


@staff_only()
@require_GET
def access(request: Request, access_id: int) -> HttpResponse:
    return _shown(request, _visible(request, access_id), ReasonForm())


@staff_only(Permission.REVOKE_ACCESS)
@require_POST
def pause(request: Request, access_id: int) -> HttpResponse:
    found = _visible(request, access_id)
    if Pause.SECURITY in found.pauses:
        resume_subscription(found, by=request.actor, reason=Pause.SECURITY)
        messages.success(request, "The pause for security is over.")
    else:
        pause_subscription(found, by=request.actor, reason=Pause.SECURITY)
        messages.success(request, "Its calls are refused from now on.")
    return redirect("subscriptions:console", access_id)


@staff_only(Permission.REVOKE_ACCESS)
@require_POST
def end(request: Request, access_id: int) -> HttpResponse:
    found = _visible(request, access_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form)
    revoke_subscription(found, by=request.actor, reason=form.cleaned_data["reason"])
    messages.success(request, "This access has ended.")
    return redirect("subscriptions:console", access_id)


@staff_only(Permission.REVIEW)
@require_POST
def condition(request: Request, access_id: int, kind: str) -> HttpResponse:
    found = _visible(request, access_id)
    owed = get_object_or_404(
        found.conditions.owed().select_related("subscription__client__application"), kind=kind
    )
    meet_condition(owed, by=request.actor)
    messages.success(request, f"{owed.get_kind_display()}: taken as met.")
    return redirect("subscriptions:console", access_id)


def _shown(request: Request, found: Subscription, form: ReasonForm) -> HttpResponse:
    context = {
        "application": found.client.application,
        "access": found,
        "conditions": told_conditions(found),
        "state": state_of(found),
        "is_paused_by_us": Pause.SECURITY in found.pauses,
        "may_end": allows(request.actor, Permission.REVOKE_ACCESS),
        "may_review": allows(request.actor, Permission.REVIEW),
        "form": form,
        "nav": "applications",
    }
    status = 422 if form.errors else 200
    return render(request, "partners/subscriptions/console.html", context, status=status)


def _visible(request: Request, access_id: int) -> Subscription:
    shown = Subscription.objects.filter(
        client__application__in=Application.objects.visible_to(request.actor)
    )
    return get_object_or_404(
        shown.select_related("client__application__organization", "plan__api"), pk=access_id
    )
