"""The page on which developers say how a client signs customers in and out."""

# ruff: noqa: TID251 - it is a view, apart because of its subject

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from partners.applications.models import Client
from partners.applications.own import own_client
from partners.applications.sign_in import change_sign_in
from partners.applications.sign_in_form import SignInForm
from portal.access.permissions import Permission, allows, require
from portal.accounts.guards import recent_login
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def sign_in(request: Request, slug: str, environment: str) -> HttpResponse:
    client = own_client(request.actor, slug, environment)
    if request.method == "POST":
        owner = client.application.organization_id
        require(request.actor, Permission.CHANGE_APPLICATION, organization_id=owner)
        return _change(request, client)
    return _page(request, client, SignInForm(initial=SignInForm.of(client)))


@recent_login
def _change(request: Request, client: Client) -> HttpResponse:
    form = SignInForm(request.POST)
    if form.is_valid():
        try:
            change_sign_in(client, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, "Saved. It counts from the next sign-in on.")
            return redirect("applications:sign_in", client.application.slug, client.environment)
    return _page(request, client, form)


def _page(request: Request, client: Client, form: SignInForm) -> HttpResponse:
    owner = client.application.organization_id
    context = {
        "application": client.application,
        "client": client,
        "may_change": allows(request.actor, Permission.CHANGE_APPLICATION, organization_id=owner),
        "form": form,
        "nav": "apps",
    }
    status = 422 if form.errors else 200
    return render(request, "partners/applications/sign_in.html", context, status=status)
