"""The page on which developers say which single cases a client asks for (RFC 9396 §10)."""

# ruff: noqa: TID251 - it is a view, apart because of its subject

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from partners.applications.detail_types_form import DetailTypesForm
from partners.applications.details import name_detail_types
from partners.applications.models import Client
from partners.applications.own import own_client
from portal.access.permissions import Permission, allows, require
from portal.accounts.guards import recent_login
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def detail_types(request: Request, slug: str, environment: str) -> HttpResponse:
    client = own_client(request.actor, slug, environment)
    if request.method == "POST":
        owner = client.application.organization_id
        require(request.actor, Permission.CHANGE_APPLICATION, organization_id=owner)
        return _change(request, client)
    named = {"types": client.authorization_details_types}
    return _page(request, client, DetailTypesForm(client=client, initial=named))


@recent_login
def _change(request: Request, client: Client) -> HttpResponse:
    form = DetailTypesForm(request.POST, client=client)
    if form.is_valid():
        try:
            name_detail_types(client, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, "Saved. It counts from the next request on.")
            return redirect(client.application)
    return _page(request, client, form)


def _page(request: Request, client: Client, form: DetailTypesForm) -> HttpResponse:
    owner = client.application.organization_id
    context = {
        "application": client.application,
        "client": client,
        "may_change": allows(request.actor, Permission.CHANGE_APPLICATION, organization_id=owner),
        "form": form,
        "nav": "apps",
    }
    status = 422 if form.errors else 200
    return render(request, "partners/applications/detail_types.html", context, status=status)
