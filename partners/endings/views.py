from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from partners.endings import actions
from partners.endings.forms import AttestForm, EndForm
from partners.endings.models import Ending
from partners.organizations.models import Membership, Organization
from portal.access.actors import Actor, Role
from portal.access.permissions import Permission, allows, require
from portal.ui.guards import signed_in, staff_only
from portal.ui.requests import Request


@staff_only()
@require_http_methods(["GET", "POST"])
def console(request: Request, slug: str) -> HttpResponse:
    """Show how far an ending is; before there is one, the form that begins it."""
    organization = get_object_or_404(Organization.objects.visible_to(request.actor), slug=slug)
    ending = Ending.objects.filter(organization=organization).first()
    if ending is None:
        return _begin(request, organization)
    context = {**_report(ending), "nav": "partners"}
    return render(request, "partners/endings/console.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def own(request: Request, slug: str) -> HttpResponse:
    """Show a former member what ended, and take their word for what became of the data."""
    organization = get_object_or_404(Organization, slug=slug)
    by = _former_member(request.actor, organization)
    ending = get_object_or_404(
        Ending.objects.select_related("organization"), organization=organization
    )
    may_attest = allows(by, Permission.ATTEST_RETURN, organization_id=organization.pk)
    form = AttestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        cleaned = form.cleaned_data
        actions.attest_data(ending, by=by, data_is=cleaned["data_is"], note=cleaned["note"])
        messages.success(request, "Thank you. Nothing more is needed from you.")
        return redirect(ending)
    context = {**_report(ending), "form": form, "may_attest": may_attest}
    status = 422 if form.errors else 200
    return render(request, "partners/endings/own.html", context, status=status)


def _begin(request: Request, organization: Organization) -> HttpResponse:
    require(request.actor, Permission.END_RELATIONSHIP)
    form = EndForm(request.POST if request.method == "POST" else None, organization=organization)
    if form.is_valid():
        actions.end_relationship(organization, by=request.actor, reason=form.cleaned_data["reason"])
        messages.success(request, f"{organization} is refused from now on. The rest is under way.")
        return redirect("endings:console", organization.slug)
    context = {"organization": organization, "form": form, "nav": "partners"}
    status = 422 if form.errors else 200
    return render(request, "partners/endings/begin.html", context, status=status)


def _report(ending: Ending) -> dict[str, object]:
    steps = list(ending.steps.order_by("position"))
    return {
        "organization": ending.organization,
        "ending": ending,
        "steps": steps,
        "done_count": sum(step.done_at is not None for step in steps),
        "is_late": ending.is_late(at=timezone.now()),
    }


def _former_member(actor: Actor, organization: Organization) -> Actor:
    """Return the person with the roles once held there; elsewhere they open nothing any more."""
    membership = Membership.objects.filter(
        organization=organization,
        organization__status=Organization.Status.CLOSED,
        user_id=actor.person_id or 0,
    ).first()
    if membership is None:
        raise Http404
    roles = frozenset(map(Role, membership.roles))
    former = {organization.pk: roles}
    return Actor(actor.id, actor.name, memberships=former, person_id=actor.person_id)
