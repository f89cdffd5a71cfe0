from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from partners.agreements import actions
from partners.agreements.enforcing import control_of
from partners.agreements.forms import AcceptForm
from partners.agreements.models import Acceptance, Version
from partners.agreements.standing import partners_owing, standings
from partners.organizations.current import organization_of
from partners.organizations.models import Organization
from portal.access.permissions import Permission, allows
from portal.errors import Conflict
from portal.ui.guards import signed_in, staff_only
from portal.ui.requests import Request

SHOWN = 50


@signed_in
@require_GET
def listing(request: Request) -> HttpResponse:
    organization = _own(request)
    found = standings(organization, at=timezone.now())
    context = {"organization": organization, "standings": found, "nav": "agreements"}
    return render(request, "partners/agreements/list.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def agreement(request: Request, code: str) -> HttpResponse:
    organization = _own(request)
    newest = get_object_or_404(Version.objects.newest(), agreement__code=code)
    form = AcceptForm(
        request.POST if request.method == "POST" else None, initial={"sha256": newest.sha256}
    )
    if form.is_valid():
        sha256, position = form.cleaned_data["sha256"], form.cleaned_data["position"]
        try:
            actions.accept_agreement(
                newest, organization, by=request.actor, sha256=sha256, position=position
            )
        except Conflict as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{newest.agreement} is accepted for {organization}.")
        return redirect(newest.agreement)
    now = timezone.now()
    standing = next(one for one in standings(organization, at=now) if one.newest == newest)
    context = {
        "organization": organization,
        "standing": standing,
        "version": newest,
        "clauses": _told(newest, organization),
        "form": form,
        "is_accepted": standing.acceptance is not None
        and standing.acceptance.version_id == newest.pk,
        "may_accept": allows(
            request.actor, Permission.ACCEPT_AGREEMENT, organization_id=organization.pk
        ),
        "nav": "agreements",
    }
    status = 422 if form.errors else 200
    return render(request, "partners/agreements/agreement.html", context, status=status)


@staff_only()
@require_GET
def console(request: Request) -> HttpResponse:
    """Show each agreement, how many accepted it, and who is held back by it."""
    now, rows = timezone.now(), []
    for newest in Version.objects.newest().annotate(accepted_count=Count("acceptances")):
        owing = partners_owing(Version.objects.filter(agreement=newest.agreement_id))
        rows.append(
            {
                "version": newest,
                "owing": owing[:SHOWN],
                "owing_count": owing.count(),
                "is_binding": newest.binding_at <= now,
            }
        )
    context = {
        "rows": rows,
        "latest": Acceptance.objects.select_related("version__agreement", "organization", "signer")
        .filter(organization__in=Organization.objects.visible_to(request.actor))
        .order_by("-accepted_at", "-pk")[:20],
        "nav": "agreements",
    }
    return render(request, "partners/agreements/console.html", context)


def _told(version: Version, organization: Organization) -> list[dict[str, object]]:
    now = timezone.now()
    told: list[dict[str, object]] = []
    for clause in version.told_clauses:
        control = control_of(clause["control"]) if clause["control"] else None
        found = control.look(organization, now) if control else None
        told.append({"clause": clause, "control": control, "found": found})
    return told


def _own(request: Request) -> Organization:
    organization = organization_of(request)
    if organization is None:
        raise Http404
    return organization
