from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.plans.models import Environment
from catalog.scopes.models import DataCluster, Purpose, Scope
from partners.applications.models import Application
from partners.organizations.models import Organization
from partners.subscriptions import actions
from partners.subscriptions.digest import current_digest
from partners.subscriptions.forms import AccessForm
from partners.subscriptions.models import AccessRequest, AccessRequestQuerySet
from partners.subscriptions.production import production_of
from portal.access.permissions import Permission, allows, require
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
@require_http_methods(["GET", "POST"])
def ask(request: Request, slug: str) -> HttpResponse:
    application = _application(request, slug)
    apis = production_of(application, at=timezone.now())
    plans = [api.plan for api in apis if api.may_be_asked_for]
    sent = request.POST if request.method == "POST" else None
    form = AccessForm(sent, plans=plans, initial=request.GET.get("plan", ""))
    if sent is not None:
        owner = application.organization_id
        require(request.actor, Permission.REQUEST_ACCESS, organization_id=owner)
    if form.is_valid():
        client = application.clients.get(environment=Environment.SANDBOX)
        try:
            asked = actions.request_access(client, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, f"{asked.number} is with us, usually 2 working days.")
            return redirect("subscriptions:access_request", slug, asked.number)
    organization = application.organization
    context = {
        "application": application,
        "organization": organization,
        "is_approved": organization.status == Organization.Status.APPROVED,
        "form": form,
        "plans": plans,
        "requests": _requests(application).order_by("-pk"),
        "may_ask": _may_ask(request, application),
        "nav": "apps",
    }
    return render(request, "partners/subscriptions/ask.html", context)


@signed_in
@require_GET
def access_request(request: Request, slug: str, number: str) -> HttpResponse:
    application = _application(request, slug)
    asked = get_object_or_404(_requests(application).numbered(number))
    is_open = asked.status == AccessRequest.Status.IN_REVIEW
    context = {
        "application": application,
        "asked": asked,
        "uses": _rows(asked),
        "is_open": is_open,
        "is_changed": is_open and current_digest(asked) != asked.digest,
        "may_ask": _may_ask(request, application),
        "nav": "apps",
    }
    return render(request, "partners/subscriptions/access_request.html", context)


@signed_in
@require_POST
def withdrawal(request: Request, slug: str, number: str) -> HttpResponse:
    application = _application(request, slug)
    asked = get_object_or_404(_requests(application).numbered(number))
    actions.withdraw_request(asked, by=request.actor)
    messages.success(request, f"{asked.number} is withdrawn. You can ask again when you like.")
    return redirect("subscriptions:request", slug)


def _rows(asked: AccessRequest) -> list[dict[str, object]]:
    """Return the uses of the snapshot beside the words of the vocabulary."""
    scopes = Scope.objects.in_bulk([use["scope"] for use in asked.uses], field_name="name")
    purposes = Purpose.objects.in_bulk([use["purpose_id"] or 0 for use in asked.uses])
    clusters = {
        cluster.code: cluster
        for cluster in DataCluster.objects.filter(
            superseded_at=None, code__in=[scope.cluster_code for scope in scopes.values()]
        )
    }
    return [
        {
            "use": use,
            "scope": scopes[use["scope"]],
            "purpose": purposes.get(use["purpose_id"] or 0),
            "cluster": clusters.get(scopes[use["scope"]].cluster_code),
        }
        for use in asked.uses
    ]


def _application(request: Request, slug: str) -> Application:
    applications = Application.objects.filter(organization__in=list(request.actor.memberships))
    return get_object_or_404(applications.select_related("organization"), slug=slug)


def _requests(application: Application) -> AccessRequestQuerySet:
    return AccessRequest.objects.filter(client__application=application).select_related(
        "client__application", "plan__api"
    )


def _may_ask(request: Request, application: Application) -> bool:
    return allows(
        request.actor, Permission.REQUEST_ACCESS, organization_id=application.organization_id
    )
