"""Every application, for staff: one that does harm is stopped here."""

# ruff: noqa: TID251 - these are views, apart because of their readers

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.applications import actions
from partners.applications.models import Application
from partners.organizations.forms import ReasonForm
from portal.access.permissions import Permission, allows
from portal.ui.guards import staff_only
from portal.ui.requests import Request

PAGE_SIZE = 50


@staff_only()
@require_GET
def directory(request: Request) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:80]
    status = request.GET.get("status", "")
    applications = Application.objects.visible_to(request.actor).filter(name__icontains=query)
    if status in Application.Status.values:
        applications = applications.filter(status=status)
    found = applications.select_related("organization").order_by("name", "pk")
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "statuses": Application.Status.choices,
        "query": query,
        "status": status,
        "nav": "applications",
    }
    return render(request, "partners/applications/directory.html", context)


@staff_only()
@require_http_methods(["GET", "POST"])
def console(request: Request, slug: str) -> HttpResponse:
    """Show an application to staff; posting a reason suspends it."""
    found = get_object_or_404(Application.objects.visible_to(request.actor), slug=slug)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        actions.suspend_application(found, by=request.actor, **form.cleaned_data)
        messages.success(request, f"{found} is stopped, in the sandbox and in production.")
        return redirect("applications:console", slug)
    context = {
        "application": found,
        "clients": found.clients.order_by("-environment"),
        "uses": found.data_uses.select_related("scope", "purpose").order_by("scope__name"),
        "may_suspend": allows(request.actor, Permission.SUSPEND_APPLICATION),
        "form": form,
        "nav": "applications",
    }
    return render(request, "partners/applications/console.html", context)


@staff_only(Permission.SUSPEND_APPLICATION)
@require_POST
def reinstatement(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Application.objects.visible_to(request.actor), slug=slug)
    actions.reinstate_application(found, by=request.actor)
    messages.success(request, f"{found} works again.")
    return redirect("applications:console", slug)
