# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from partners.organizations import invitations, members, ownership
from partners.organizations.current import own_organization, speak_for
from partners.organizations.models import Invitation, Membership, Organization, OwnershipOffer
from partners.organizations.roles import ROLES, names_of
from partners.organizations.team_form import InviteForm, OfferForm, RolesForm
from portal.access.actors import Role
from portal.access.permissions import Permission, allows, require
from portal.accounts.guards import recent_login
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request

ANSWERS = {
    "take": (ownership.take_ownership, "You are an owner now."),
    "decline": (ownership.decline_ownership, "You said no. Nothing changes."),
    "withdraw": (ownership.withdraw_offer, "The offer is taken back."),
}


@signed_in
@require_http_methods(["GET", "POST"])
def team(request: Request) -> HttpResponse:
    organization = own_organization(request)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(request.actor, Permission.MANAGE_MEMBERS, organization_id=organization.pk)
        if form.is_valid():
            try:
                sent = invitations.invite(organization, by=request.actor, **form.cleaned_data)
            except Refused as refusal:
                explain(form, refusal)
            else:
                messages.success(request, f"{sent.email} is invited, until {_day(sent)}.")
                return redirect("organizations:team")
    now = timezone.now()
    mine = organization.memberships.filter(user_id=request.actor.person_id or 0).first()
    context = {
        "organization": organization,
        "members": members_of(organization),
        "roles": ROLES,
        "invitations": [
            (sent, names_of(sent.roles), sent.is_open(at=now))
            for sent in organization.invitations.filter(status=Invitation.Status.SENT)
            .select_related("invited_by")
            .order_by("-invited_at", "-pk")
        ],
        "offer": _offers(organization).first(),
        "form": form,
        "may_manage": _may(request, Permission.MANAGE_MEMBERS, organization),
        "may_transfer": _may(request, Permission.TRANSFER_OWNERSHIP, organization),
        "mine": mine,
        "nav": "team",
    }
    return render(request, "partners/organizations/team.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def member(request: Request, membership_id: int) -> HttpResponse:
    """Show a member's roles to who may change them."""
    membership = _own_member(request, membership_id)
    form = RolesForm(
        request.POST if request.method == "POST" else None, initial={"roles": membership.roles}
    )
    if form.is_valid():
        owner = {Role.OWNER} & set(map(Role, membership.roles))
        roles = {*form.cleaned_data["roles"], *owner}
        members.change_roles(membership, by=request.actor, roles=roles)
        messages.success(request, f"{membership.user} has these roles from now on.")
        return redirect("organizations:team")
    context = {"membership": membership, "form": form, "nav": "team"}
    return render(request, "partners/organizations/member.html", context)


@signed_in
@require_POST
def removal(request: Request, membership_id: int) -> HttpResponse:
    membership = _own_member(request, membership_id)
    members.remove_member(membership, by=request.actor)
    messages.success(request, f"{membership.user} is no longer at {membership.organization}.")
    return redirect("organizations:team")


@signed_in
@require_http_methods(["GET", "POST"])
def leaving(request: Request) -> HttpResponse:
    organization = own_organization(request)
    if request.method == "POST":
        members.leave(organization, by=request.actor)
        messages.success(request, f"You have left {organization}. Your account stays yours.")
        return redirect("home:home")
    context = {"organization": organization, "nav": "team"}
    return render(request, "partners/organizations/leaving.html", context)


@signed_in
@recent_login
@require_http_methods(["GET", "POST"])
def handover(request: Request) -> HttpResponse:
    organization = own_organization(request)
    require(request.actor, Permission.TRANSFER_OWNERSHIP, organization_id=organization.pk)
    others = organization.memberships.exclude(roles__contains=[Role.OWNER])
    people = list(others.select_related("user").order_by("pk"))
    form = OfferForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_valid():
        to = get_object_or_404(others, pk=form.cleaned_data["to"])
        steps_down = form.cleaned_data["steps_down"]
        ownership.offer_ownership(to, by=request.actor, steps_down=steps_down)
        messages.success(request, f"{to.user} has a week to say yes. Until then nothing changes.")
        return redirect("organizations:team")
    context = {"organization": organization, "form": form, "people": people, "nav": "team"}
    return render(request, "partners/organizations/handover.html", context)


@signed_in
@require_POST
def offer_answer(request: Request, offer_id: int, answer: str) -> HttpResponse:
    mine = OwnershipOffer.objects.filter(organization__in=list(request.actor.memberships))
    offer = get_object_or_404(mine.select_related("organization"), pk=offer_id)
    if answer not in ANSWERS:
        raise Http404
    act, words = ANSWERS[answer]
    act(offer, by=request.actor)
    messages.success(request, words)
    return redirect("organizations:team")


@signed_in
@require_POST
def switch(request: Request) -> HttpResponse:
    """Speak in another organization's name from the next page on."""
    speak_for(request, request.POST.get("organization", ""))
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/home/")


def members_of(organization: Organization) -> list[tuple[Membership, list[str]]]:
    return [
        (membership, names_of(membership.roles))
        for membership in organization.memberships.select_related("user").order_by("pk")
    ]


def _own_member(request: Request, membership_id: int) -> Membership:
    mine = Membership.objects.filter(organization__in=list(request.actor.memberships))
    found = get_object_or_404(mine.select_related("user", "organization"), pk=membership_id)
    require(request.actor, Permission.MANAGE_MEMBERS, organization_id=found.organization_id)
    return found


def _offers(organization: Organization) -> QuerySet[OwnershipOffer]:
    open_now = OwnershipOffer.objects.open(at=timezone.now()).filter(organization=organization)
    return open_now.select_related("offered_by", "offered_to")


def _may(request: Request, permission: Permission, organization: Organization) -> bool:
    return allows(request.actor, permission, organization_id=organization.pk)


def _day(sent: Invitation) -> str:
    return f"{sent.expires_at:%-d %B %Y}"
