# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from partners.organizations import domains as actions
from partners.organizations.current import own_organization
from partners.organizations.models import Domain
from partners.organizations.team_form import DomainForm
from portal.access.permissions import Permission, allows, require
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
@require_http_methods(["GET", "POST"])
def domains(request: Request) -> HttpResponse:
    organization = own_organization(request)
    form = DomainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(request.actor, Permission.PROVE_DOMAIN, organization_id=organization.pk)
        if form.is_valid():
            try:
                actions.claim_domain(organization, by=request.actor, **form.cleaned_data)
            except Refused as refusal:
                explain(form, refusal)
            else:
                return redirect("organizations:domains")
    context = {
        "organization": organization,
        "domains": organization.domains.order_by("name"),
        "file": "/.well-known/meridian-domain.txt",
        "form": form,
        "may_prove": allows(
            request.actor, Permission.PROVE_DOMAIN, organization_id=organization.pk
        ),
        "nav": "settings",
    }
    return render(request, "partners/organizations/domains.html", context)


@signed_in
@require_POST
def proof(request: Request, domain_id: int) -> HttpResponse:
    domain = _own(request, domain_id)
    try:
        actions.prove_domain(domain, by=request.actor)
    except actions.NotProven as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"{domain} is yours, by {domain.get_proven_by_display()}.")
    return redirect("organizations:domains")


@signed_in
@require_POST
def release(request: Request, domain_id: int) -> HttpResponse:
    domain = _own(request, domain_id)
    actions.release_domain(domain, by=request.actor)
    messages.success(request, f"{domain} is off the list.")
    return redirect("organizations:domains")


def _own(request: Request, domain_id: int) -> Domain:
    mine = Domain.objects.filter(organization__in=list(request.actor.memberships))
    return get_object_or_404(mine.select_related("organization"), pk=domain_id)
