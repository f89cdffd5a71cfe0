"""The pages on which developers say how a client signs customers in, and what it asks for."""

# ruff: noqa: TID251 - they are views, apart because of their subjects

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from partners.applications.detail_types_form import DetailTypesForm
from partners.applications.details import name_detail_types
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


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about: its template, and what its form does."""

    template: str
    act: Callable[..., None]


SIGN_IN = Subject("partners/applications/sign_in.html", change_sign_in)
DETAIL_TYPES = Subject("partners/applications/detail_types.html", name_detail_types)


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def sign_in(request: Request, slug: str, environment: str) -> HttpResponse:
    client = own_client(request.actor, slug, environment)
    if request.method == "POST":
        return _post(request, client, SignInForm(request.POST), SIGN_IN)
    return _page(request, client, SignInForm(initial=SignInForm.of(client)), SIGN_IN)


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def detail_types(request: Request, slug: str, environment: str) -> HttpResponse:
    """Show which single cases a client asks for (RFC 9396 §10), and change it."""
    client = own_client(request.actor, slug, environment)
    if request.method == "POST":
        return _post(request, client, DetailTypesForm(request.POST, client=client), DETAIL_TYPES)
    named = {"types": client.authorization_details_types}
    return _page(request, client, DetailTypesForm(client=client, initial=named), DETAIL_TYPES)


def _post(request: Request, client: Client, form: forms.Form, subject: Subject) -> HttpResponse:
    """Refuse who may not change it before asking for the password once more."""
    owner = client.application.organization_id
    require(request.actor, Permission.CHANGE_APPLICATION, organization_id=owner)
    return _change(request, client, form, subject)


@recent_login
def _change(request: Request, client: Client, form: forms.Form, subject: Subject) -> HttpResponse:
    if form.is_valid():
        try:
            subject.act(client, by=request.actor, **form.cleaned_data)
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, "Saved. It counts from the next request on.")
            return redirect(request.path)
    return _page(request, client, form, subject)


def _page(request: Request, client: Client, form: forms.Form, subject: Subject) -> HttpResponse:
    owner = client.application.organization_id
    context = {
        "application": client.application,
        "client": client,
        "may_change": allows(request.actor, Permission.CHANGE_APPLICATION, organization_id=owner),
        "form": form,
        "nav": "apps",
    }
    return render(request, subject.template, context, status=422 if form.errors else 200)
