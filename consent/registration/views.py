"""The page on which an owner lets a program register applications."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from consent.registration import actions
from consent.registration.forms import IssueForm
from consent.registration.models import InitialToken, InitialTokenQuerySet
from partners.organizations.current import organization_of
from partners.organizations.models import Organization
from portal.access.permissions import Permission, allows, require
from portal.accounts.guards import recent_login
from portal.errors import Conflict
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def tokens(request: Request) -> HttpResponse:
    organization = organization_of(request)
    if organization is None:
        return redirect("organizations:join")
    if request.method == "POST":
        require(request.actor, Permission.ALLOW_REGISTRATION, organization_id=organization.pk)
        return _issue(request, organization)
    return _page(request, organization, IssueForm(initial={"after": _newest(organization)}))


@recent_login
@sensitive_variables("raw")
def _issue(request: Request, organization: Organization) -> HttpResponse:
    """Show a new token in this answer, and nowhere else."""
    form = IssueForm(request.POST)
    if not form.is_valid():
        return _page(request, organization, form)
    if form.cleaned_data.pop("after") != _newest(organization):
        messages.warning(request, "That token was shown once. Revoke it if you did not keep it.")
        return redirect("registration:tokens")
    try:
        token, raw = actions.issue_initial_token(
            organization, by=request.actor, **form.cleaned_data
        )
    except Conflict as refusal:
        form.add_error(None, str(refusal))
        return _page(request, organization, form)
    context = {"nav": "apps", "token": token, "raw": raw}
    return render(request, "consent/registration/token.html", context)


@signed_in
@require_POST
def revocation(request: Request, number: int) -> HttpResponse:
    mine = InitialToken.objects.filter(organization__in=list(request.actor.memberships))
    token = get_object_or_404(mine, pk=number)
    actions.revoke_initial_token(token, by=request.actor)
    messages.success(request, f"The token that ends with {token.hint} registers nothing more.")
    return redirect("registration:tokens")


def _page(request: Request, organization: Organization, form: IssueForm) -> HttpResponse:
    context = {
        "nav": "apps",
        "organization": organization,
        "is_approved": organization.status == Organization.Status.APPROVED,
        "tokens": _of(organization).select_related("issued_by").order_by("-pk")[:50],
        "form": form,
        "may_issue": _may(request, Permission.ALLOW_REGISTRATION, organization),
        "may_revoke": _may(request, Permission.STOP_REGISTRATION, organization),
        "at": timezone.now(),
    }
    status = 422 if form.errors else 200
    return render(request, "consent/registration/tokens.html", context, status=status)


def _of(organization: Organization) -> InitialTokenQuerySet:
    return InitialToken.objects.filter(organization=organization)


def _newest(organization: Organization) -> int:
    newest = _of(organization).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _may(request: Request, permission: Permission, organization: Organization) -> bool:
    return allows(request.actor, permission, organization_id=organization.pk)
