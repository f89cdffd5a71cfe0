# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from partners.organizations import invitations
from partners.organizations.current import SESSION_KEY
from partners.organizations.models import Invitation
from partners.organizations.roles import names_of
from portal.accounts.models import User
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@require_GET
@never_cache
def invitation(request: Request, token: str) -> HttpResponse:
    """Show what is offered to whoever holds the link; only the right person can answer."""
    found = _found(token)
    user = User.objects.filter(pk=request.actor.person_id or 0).first()
    context = {
        "invitation": found,
        "roles": names_of(found.roles),
        "is_open": found.is_open(at=timezone.now()),
        "is_theirs": user is not None and found.is_for(user),
        "token": token,
    }
    return render(request, "partners/organizations/invitation.html", context)


@signed_in
@require_POST
def answer(request: Request, token: str) -> HttpResponse:
    found = _found(token)
    user = User.objects.get(pk=request.actor.person_id or 0)
    if request.POST.get("answer") != "accept":
        invitations.decline_invitation(found, user, by=request.actor)
        messages.success(request, f"You said no to {found.organization}. Nobody else hears why.")
        return redirect("home:home")
    invitations.accept_invitation(found, user, by=request.actor)
    request.session[SESSION_KEY] = found.organization_id
    messages.success(request, f"You are at {found.organization} now.")
    return redirect("home:home")


@signed_in
@require_POST
def again(request: Request, invitation_id: int) -> HttpResponse:
    sent = _own(request, invitation_id)
    invitations.invite_again(sent, by=request.actor)
    messages.success(request, f"{sent.email} gets a new link. The old one opens nothing.")
    return redirect("organizations:team")


@signed_in
@require_POST
def revocation(request: Request, invitation_id: int) -> HttpResponse:
    sent = _own(request, invitation_id)
    invitations.revoke_invitation(sent, by=request.actor)
    messages.success(request, f"The invitation for {sent.email} is taken back.")
    return redirect("organizations:team")


def _found(token: str) -> Invitation:
    found = invitations.find_invitation(token)
    if found is None:
        raise Http404
    return found


def _own(request: Request, invitation_id: int) -> Invitation:
    mine = Invitation.objects.filter(organization__in=list(request.actor.memberships))
    return get_object_or_404(mine.select_related("organization"), pk=invitation_id)
