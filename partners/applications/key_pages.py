"""The page on which developers register the keys of a client."""

# ruff: noqa: TID251 - it is a view, apart because of its subject

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from partners.applications import security
from partners.applications.events import ApplicationEvent
from partners.applications.key_form import KeysForm
from partners.applications.keys import has_way_in, shown_keys
from partners.applications.models import Client
from partners.applications.own import own_client
from portal.access.permissions import Permission, allows, require
from portal.accounts.guards import recent_login
from portal.errors import Refused
from portal.events.models import Event
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request

# Members that are ours, not the client's.
_OURS = frozenset({"iat"})


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def keys(request: Request, slug: str, environment: str) -> HttpResponse:
    client = own_client(request.actor, slug, environment)
    if request.method == "POST":
        owner = client.application.organization_id
        require(request.actor, Permission.SET_CLIENT_KEYS, organization_id=owner)
        return _register(request, client)
    return _page(request, client, KeysForm(initial=_initial(client)))


@recent_login
def _register(request: Request, client: Client) -> HttpResponse:
    form = KeysForm(request.POST)
    if form.is_valid():
        try:
            security.set_client_keys(client, by=request.actor, **form.wanted())
        except Refused as refusal:
            explain(form, refusal)
        else:
            messages.success(request, "Registered. It counts from the next request on.")
            return redirect("applications:keys", client.application.slug, client.environment)
    return _page(request, client, form)


def _page(request: Request, client: Client, form: KeysForm) -> HttpResponse:
    set_last = Event.objects.about(client).filter(kind=ApplicationEvent.KEYS_SET).order_by("pk")
    owner = client.application.organization_id
    context = {
        "application": client.application,
        "client": client,
        "keys": shown_keys(client.client_jwks),
        "has_way_in": has_way_in(client),
        "set_last": set_last.last(),
        "may_set": allows(request.actor, Permission.SET_CLIENT_KEYS, organization_id=owner),
        "form": form,
        "nav": "apps",
    }
    status = 422 if form.errors else 200
    return render(request, "partners/applications/keys.html", context, status=status)


def _initial(client: Client) -> dict[str, str]:
    kept = (client.client_jwks or {}).get("keys", [])
    keys = [{name: one[name] for name in one if name not in _OURS} for one in kept]
    way = "jwks_uri" if client.client_jwks_uri else "jwks"
    return {
        "way": "certificate_subject" if client.tls_client_auth_subject_dn else way,
        "jwks": json.dumps({"keys": keys}, indent=2) if keys else "",
        "jwks_uri": client.client_jwks_uri,
        "certificate_subject": client.tls_client_auth_subject_dn,
    }
