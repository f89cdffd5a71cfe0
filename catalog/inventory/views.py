from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.apis.actions import describe_service, give_api, give_operations, set_audience
from catalog.apis.models import Api, ApiVersion
from catalog.inventory import actions
from catalog.inventory.forms import (
    AudienceForm,
    ConfigurationForm,
    DeploymentForm,
    OperationOwnersForm,
    OwnerForm,
    ServiceForm,
)
from catalog.inventory.models import Deployment
from catalog.inventory.register import entries_of, gateways
from portal.access.permissions import Permission, allows, require
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import staff_only
from portal.ui.requests import Request

PAGE_SIZE = 25
UNKNOWN_SHOWN = 50


@require_safe
@staff_only()
def register(request: Request) -> HttpResponse:
    """List every version with its owner, its risk and where it runs."""
    query = request.GET.get("q", "").strip()[:80]
    versions = ApiVersion.objects.exclude(status=ApiVersion.Status.SUNSET)
    found = versions.filter(api__name__icontains=query).select_related("api__owner")
    page = Paginator(found.order_by("api__name", "-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "nav": "inventory",
        "query": query,
        "page": page,
        "entries": entries_of(list(page.object_list)),
    }
    return render(request, "catalog/inventory/register.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def configurations(request: Request) -> HttpResponse:
    """Show what our gateways serve; posting a configuration reads it."""
    form = ConfigurationForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        require(request.actor, Permission.DESCRIBE_API)
        if form.is_valid() and _read(request, form):
            return redirect("inventory:gateways")
    unknown = Deployment.objects.unknown().order_by("gateway", "base_url")
    context = {
        "nav": "inventory",
        "form": form,
        "gateways": gateways(),
        "unknown": unknown[:UNKNOWN_SHOWN],
        "unknown_count": unknown.count(),
        "may_change": allows(request.actor, Permission.DESCRIBE_API),
    }
    return render(request, "catalog/inventory/gateways.html", context, status=_status(form))


def _read(request: Request, form: ConfigurationForm) -> bool:
    said = form.cleaned_data
    try:
        outcome = actions.read_configuration(
            said["file"], by=request.actor, place=form.place(said["kind"])
        )
    except Refused as refusal:
        form.add_error("file", str(refusal))
        return False
    messages.success(
        request,
        f"{said['gateway']} serves {outcome.route_count}; nobody has described"
        f" {outcome.unknown_count} of them, and {outcome.gone_count} are gone.",
    )
    return True


@require_safe
@staff_only()
def api(request: Request, slug: str) -> HttpResponse:
    return _page(request, _api(slug))


@require_POST
@staff_only(Permission.DESCRIBE_API)
def service(request: Request, slug: str) -> HttpResponse:
    found, form = _api(slug), ServiceForm(request.POST)
    if form.is_valid():
        try:
            describe_service(found, by=request.actor, service=form.service())
        except Refused as refusal:
            explain(form, refusal)
        else:
            return _done(request, slug, "Kept. Partners read it on the API's page.")
    return _page(request, found, service=form)


@require_POST
@staff_only(Permission.DESCRIBE_API)
def audience(request: Request, slug: str) -> HttpResponse:
    found, form = _api(slug), AudienceForm(request.POST)
    if form.is_valid():
        try:
            set_audience(found, by=request.actor, **form.wanted())
        except Refused as refusal:
            explain(form, refusal)
        else:
            return _done(request, slug, "Kept. It counts from the next page on.")
    return _page(request, found, audience=form)


@require_POST
@staff_only(Permission.DESCRIBE_API)
def owner(request: Request, slug: str) -> HttpResponse:
    found, form = _api(slug), OwnerForm(request.POST)
    if form.is_valid():
        give_api(found, by=request.actor, to=form.person())
        return _done(request, slug, f"{form.person().name} answers for {found} now.")
    return _page(request, found, owner=form)


@require_POST
@staff_only(Permission.DESCRIBE_API)
def operation_owners(request: Request, slug: str, label: str) -> HttpResponse:
    found = _api(slug)
    version = get_object_or_404(found.versions, label=label)
    form = OperationOwnersForm(request.POST, version=version)
    if form.is_valid():
        count = give_operations(
            version,
            form.cleaned_data["operations"],
            by=request.actor,
            to=form.person_or_nobody(),
        )
        return _done(request, slug, f"{count} changed hands.")
    return _page(request, found, operation_owners=form)


@require_POST
@staff_only(Permission.DESCRIBE_API)
def deployments(request: Request, slug: str) -> HttpResponse:
    found = _api(slug)
    form = DeploymentForm(request.POST, api=found)
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.enter_deployment(
                said["version"],
                by=request.actor,
                place=form.place("other"),
                base_url=said["base_url"],
                policies=said["policies"],
            )
        except Refused as refusal:
            explain(form, refusal)
        else:
            return _done(request, slug, "Kept.")
    return _page(request, found, deployment=form)


@require_POST
@staff_only(Permission.DESCRIBE_API)
def removal(request: Request, slug: str, deployment_id: int) -> HttpResponse:
    deployment = get_object_or_404(Deployment, pk=deployment_id, version__api__slug=slug)
    actions.remove_deployment(deployment, by=request.actor)
    return _done(request, slug, "Removed.")


def _page(request: Request, found: Api, **forms: Any) -> HttpResponse:
    versions = list(found.versions.select_related("api__owner").order_by("-pk"))
    newest = versions[0] if versions else None
    context = {
        "nav": "inventory",
        "api": found,
        "entries": entries_of(versions),
        "newest": newest,
        "may_change": allows(request.actor, Permission.DESCRIBE_API),
        "audience": forms.get("audience") or AudienceForm(initial=AudienceForm.of(found)),
        "service": forms.get("service") or ServiceForm(initial=ServiceForm.of(found)),
        "owner": forms.get("owner") or OwnerForm(initial={"owner": found.owner_id}),
        "deployment": forms.get("deployment") or DeploymentForm(api=found),
    }
    if newest is not None:
        context["operation_owners"] = forms.get("operation_owners") or OperationOwnersForm(
            version=newest
        )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if forms else HTTPStatus.OK
    return render(request, "catalog/inventory/api.html", context, status=status)


def _api(slug: str) -> Api:
    return get_object_or_404(Api.objects.select_related("owner"), slug=slug)


def _done(request: Request, slug: str, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("inventory:api", slug)


def _status(form: ConfigurationForm) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
