from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.organizations import actions
from partners.organizations.current import organization_of, own_organization
from partners.organizations.forms import JoinForm, ProfileForm, ReasonForm
from partners.organizations.models import Organization
from partners.organizations.team_pages import members_of
from portal.access.permissions import Permission, allows, require
from portal.accounts.models import User
from portal.ui.guards import signed_in, staff_only
from portal.ui.requests import Request

PAGE_SIZE = 50


@signed_in
@require_http_methods(["GET", "POST"])
def join(request: Request) -> HttpResponse:
    """Take who brings an organization in, or says at last which one a sandbox is of."""
    mine = organization_of(request)
    if mine is not None and mine.introduced_at is not None:
        return redirect("organizations:team")
    if mine is not None:
        require(request.actor, Permission.CHANGE_ORGANIZATION, organization_id=mine.pk)
    user = User.objects.get(pk=request.actor.person_id or 0)
    actions.require_free(user)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if mine is None:
            actions.join(user, by=request.actor, **form.cleaned_data)
        else:
            actions.introduce_organization(mine, by=request.actor, **form.cleaned_data)
        messages.success(
            request,
            f"{form.cleaned_data['name']} is here. You can build in the sandbox now; customers’"
            " real data needs the security questions and our review.",
        )
        return redirect("/home/")
    context = {"form": form, "is_started": mine is not None, "nav": "home"}
    return render(request, "partners/organizations/join.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def settings(request: Request) -> HttpResponse:
    organization = own_organization(request)
    may_change = allows(
        request.actor, Permission.CHANGE_ORGANIZATION, organization_id=organization.pk
    )
    initial = {name: getattr(organization, name) for name in ProfileForm.base_fields}
    if request.method == "POST":
        require(request.actor, Permission.CHANGE_ORGANIZATION, organization_id=organization.pk)
        form = ProfileForm(request.POST)
        if form.is_valid():
            actions.change_organization(organization, by=request.actor, **form.cleaned_data)
            messages.success(request, "The profile is saved.")
            return redirect("organizations:settings")
    else:
        form = ProfileForm(initial=initial)
    context = {
        "organization": organization,
        "form": form,
        "may_change": may_change,
        "nav": "settings",
    }
    return render(request, "partners/organizations/settings.html", context)


@staff_only()
@require_GET
def directory(request: Request) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:80]
    status = request.GET.get("status", "")
    organizations = Organization.objects.visible_to(request.actor).order_by("name", "pk")
    if query:
        organizations = organizations.filter(name__icontains=query)
    if status in Organization.Status.values:
        organizations = organizations.filter(status=status)
    annotated = organizations.annotate(application_count=Count("applications"))
    context = {
        "page": Paginator(annotated, PAGE_SIZE).get_page(request.GET.get("page")),
        "statuses": Organization.Status.choices,
        "query": query,
        "status": status,
        "nav": "partners",
    }
    return render(request, "partners/organizations/directory.html", context)


@staff_only()
@require_GET
def partner(request: Request, slug: str) -> HttpResponse:
    organization = _visible(request, slug)
    return _partner(request, organization, ReasonForm())


@staff_only(Permission.SUSPEND_ORGANIZATION)
@require_POST
def suspension(request: Request, slug: str) -> HttpResponse:
    organization = _visible(request, slug)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _partner(request, organization, form)
    actions.suspend_organization(organization, by=request.actor, **form.cleaned_data)
    messages.success(request, f"{organization} is stopped, with all its applications.")
    return redirect("organizations:partner", organization.slug)


@staff_only(Permission.SUSPEND_ORGANIZATION)
@require_POST
def reinstatement(request: Request, slug: str) -> HttpResponse:
    organization = _visible(request, slug)
    actions.reinstate_organization(organization, by=request.actor)
    messages.success(request, f"{organization} works again, with its applications.")
    return redirect("organizations:partner", organization.slug)


def _partner(request: Request, organization: Organization, form: ReasonForm) -> HttpResponse:
    context = {
        "organization": organization,
        "members": members_of(organization),
        "applications": organization.applications.order_by("name"),
        "sector": dict(Organization.SECTORS).get(organization.sector, organization.sector),
        "form": form,
        "may_suspend": allows(request.actor, Permission.SUSPEND_ORGANIZATION),
        "nav": "partners",
    }
    return render(request, "partners/organizations/partner.html", context)


def _visible(request: Request, slug: str) -> Organization:
    return get_object_or_404(Organization.objects.visible_to(request.actor), slug=slug)
