from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from catalog.plans.models import Environment
from partners.applications import actions, rotation
from partners.applications.credentials import MAX_LIVE, newest_of
from partners.applications.duties import duties_of
from partners.applications.first_call import first_call
from partners.applications.forms import (
    CloseForm,
    IssueForm,
    RedirectsForm,
    RegisterForm,
    RevokeForm,
    by_api,
    use_forms,
    wanted_of,
)
from partners.applications.keys import shown_keys
from partners.applications.models import Application, Client, Credential
from partners.applications.own import own_application, own_client
from partners.organizations.current import organization_of
from portal.access.permissions import Permission, allows, require
from portal.accounts.guards import recent_login
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
@require_GET
def index(request: Request) -> HttpResponse:
    organization = organization_of(request)
    if organization is None:
        return redirect("organizations:join")
    applications = organization.applications.order_by("name").prefetch_related("data_uses__scope")
    context = {
        "organization": organization,
        "applications": applications,
        "may_register": allows(
            request.actor, Permission.REGISTER_APPLICATION, organization_id=organization.pk
        ),
        "nav": "apps",
    }
    return render(request, "partners/applications/list.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_variables("secret")
def register(request: Request) -> HttpResponse:
    organization = organization_of(request)
    if organization is None:
        return redirect("organizations:join")
    require(request.actor, Permission.REGISTER_APPLICATION, organization_id=organization.pk)
    sent = request.POST if request.method == "POST" else None
    form, uses = RegisterForm(sent), use_forms(sent, organization_id=organization.pk)
    if sent is not None and all([form.is_valid(), *(use.is_valid() for use in uses)]):
        try:
            application = actions.register_application(
                organization, by=request.actor, uses=wanted_of(uses), **form.cleaned_data
            )
        except Refused as refusal:
            explain(form, refusal)
        else:
            client = application.clients.get()
            _, secret = actions.issue_credential(client, by=request.actor)
            return _secret(request, client, secret, is_new=True)
    context = {
        "form": form,
        "groups": by_api(uses),
        "organization": organization,
        "nav": "apps",
    }
    return render(request, "partners/applications/register.html", context)


@signed_in
@require_GET
def application(request: Request, slug: str) -> HttpResponse:
    found = own_application(request.actor, slug)
    environment = _environment(request, found)
    client = found.clients.filter(environment=environment).first()
    at = timezone.now()
    context = _context(request, found) | {
        "client": client,
        "environment": environment,
        "key_count": len(shown_keys(client.client_jwks)) if client else 0,
        "duties": duties_of(client.requirements) if client else (),
        "credentials": client.credentials.live(at=at).order_by("pk") if client else (),
        # The rows of a slice above: counted, never listed.
        "consent_count": client.arrangements.active(at=at).count() if client else 0,
        "at": at,
    }
    return render(request, "partners/applications/application.html", context)


def _environment(request: Request, application: Application) -> str:
    """Return the environment that was asked for; without one, where the application works."""
    asked = request.GET.get("environment", "")
    if asked in Environment.values:
        return asked
    is_live = application.status == Application.Status.LIVE
    return Environment.PRODUCTION if is_live else Environment.SANDBOX


@signed_in
@require_http_methods(["GET", "POST"])
def redirects(request: Request, slug: str) -> HttpResponse:
    """Change the addresses of one environment: `?environment=production` for the live ones."""
    environment = request.GET.get("environment") or Environment.SANDBOX
    client = own_client(request.actor, slug, environment, Permission.CHANGE_APPLICATION)
    found = client.application
    if request.method == "POST":
        form = RedirectsForm(request.POST)
        if form.is_valid():
            try:
                actions.change_redirect_uris(client, by=request.actor, **form.cleaned_data)
            except Refused as refusal:
                explain(form, refusal)
            else:
                messages.success(request, f"Customers now come back to these addresses of {found}.")
                return redirect(f"{found.get_absolute_url()}?environment={client.environment}")
    else:
        form = RedirectsForm(initial={"redirect_uris": "\n".join(client.redirect_uris.split())})
    context = _context(request, found) | {"form": form, "client": client}
    return render(request, "partners/applications/redirects.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def scopes(request: Request, slug: str) -> HttpResponse:
    found = own_application(request.actor, slug, Permission.CHANGE_APPLICATION)
    sent = request.POST if request.method == "POST" else None
    uses = use_forms(sent, organization_id=found.organization_id, application=found)
    refused = None
    if sent is not None and all(use.is_valid() for use in uses):
        try:
            actions.change_uses(found, by=request.actor, uses=wanted_of(uses))
        except Refused as refusal:
            refused = refusal
        else:
            messages.success(
                request,
                f"The sandbox follows at once. In production {found} keeps what was approved "
                "until we approve this.",
            )
            return redirect(found)
    context = _context(request, found) | {"groups": by_api(uses), "refused": refused}
    return render(request, "partners/applications/scopes.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def credentials(request: Request, slug: str, environment: str) -> HttpResponse:
    client = own_client(request.actor, slug, environment)
    if request.method == "POST":
        owner = client.application.organization_id
        require(request.actor, Permission.ISSUE_CREDENTIAL, organization_id=owner)
        return _issue(request, client)
    at = timezone.now()
    live_count = client.credentials.live(at=at).count()
    context = _context(request, client.application) | {
        "client": client,
        "credentials": client.credentials.order_by("-pk").select_related("issued_by"),
        "form": IssueForm(initial={"after": newest_of(client)}),
        "has_live": live_count > 0,
        "has_room": live_count < MAX_LIVE,
        "at": at,
    }
    return render(request, "partners/applications/credentials.html", context)


@recent_login
@sensitive_variables("secret")
def _issue(request: Request, client: Client) -> HttpResponse:
    """Show a new secret in this answer, and nowhere else."""
    form = IssueForm(request.POST)
    if not form.is_valid() or form.cleaned_data["after"] != newest_of(client):
        messages.warning(request, "That secret was shown once. Revoke it if you did not keep it.")
        return redirect("applications:credentials", client.application.slug, client.environment)
    overlap = timedelta(days=form.cleaned_data["overlap"])
    _, secret = rotation.rotate_credential(client, by=request.actor, overlap=overlap)
    return _secret(request, client, secret, is_new=False)


@signed_in
@require_http_methods(["GET", "POST"])
def revocation(request: Request, slug: str, environment: str, number: int) -> HttpResponse:
    client = own_client(request.actor, slug, environment, Permission.REVOKE_CREDENTIAL)
    credentials = client.credentials.filter(revoked_at=None)
    return _revoke(request, get_object_or_404(credentials, pk=number))


@recent_login
def _revoke(request: Request, credential: Credential) -> HttpResponse:
    client = credential.client
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.revoke_credential(credential, by=request.actor, **form.cleaned_data)
        except actions.LastSecret as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, f"The secret that ends with {credential.hint} works no more.")
            return redirect("applications:credentials", client.application.slug, client.environment)
    context = _context(request, client.application) | {
        "client": client,
        "credential": credential,
        "form": form,
    }
    return render(request, "partners/applications/revocation.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def closing(request: Request, slug: str) -> HttpResponse:
    found = own_application(request.actor, slug, Permission.CHANGE_APPLICATION)
    form = CloseForm(request.POST if request.method == "POST" else None, application=found)
    if form.is_valid():
        actions.close_application(found, by=request.actor)
        messages.success(request, f"{found} is closed. Nothing it holds works any more.")
        return redirect("applications:list")
    context = _context(request, found) | {"form": form}
    return render(request, "partners/applications/closing.html", context)


def _secret(request: Request, client: Client, secret: str, *, is_new: bool) -> HttpResponse:
    context = _context(request, client.application) | {
        "client": client,
        "secret": secret,
        "first": first_call(client, secret),
        "is_new": is_new,
    }
    return render(request, "partners/applications/secret.html", context)


def _context(request: Request, found: Application) -> dict[str, object]:
    owner = found.organization_id
    return {
        "application": found,
        "may_change": allows(request.actor, Permission.CHANGE_APPLICATION, organization_id=owner),
        "may_issue": allows(request.actor, Permission.ISSUE_CREDENTIAL, organization_id=owner),
        "may_revoke": allows(request.actor, Permission.REVOKE_CREDENTIAL, organization_id=owner),
        "nav": "apps",
    }
