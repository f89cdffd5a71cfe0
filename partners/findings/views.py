from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from partners.findings import actions
from partners.findings.forms import AcceptForm, OpenForm, ReasonForm
from partners.findings.models import Finding, FindingQuerySet
from partners.organizations.current import organization_of
from portal.access.permissions import Permission, allows
from portal.errors import Refused
from portal.ui.guards import signed_in, staff_only
from portal.ui.requests import Request

PAGE_SIZE = 25


@signed_in
@require_GET
def findings(request: Request) -> HttpResponse:
    organization = organization_of(request)
    if organization is None:
        raise Http404
    mine = Finding.objects.filter(organization=organization).order_by("closed_at", "due_at", "pk")
    context = {"nav": "security", "page": _page(request, mine), "now": timezone.now()}
    return render(request, "partners/findings/findings.html", context)


@signed_in
@require_http_methods(["GET", "POST"])
def finding(request: Request, number: int) -> HttpResponse:
    """Show a partner one of its findings; posting says that it works on it."""
    mine = Finding.objects.filter(organization__in=list(request.actor.memberships))
    found = get_object_or_404(mine.select_related("evidence"), pk=number)
    if request.method == "POST":
        actions.begin_remedy(found, by=request.actor)
        messages.success(request, "Noted. Tell us in your answers when it is put right.")
        return redirect(found)
    owner = found.organization_id
    context = {
        "nav": "security",
        "finding": found,
        "may_answer": allows(request.actor, Permission.ANSWER_QUESTIONNAIRE, organization_id=owner),
    }
    return render(request, "partners/findings/finding.html", context)


@staff_only(Permission.REVIEW)
@require_http_methods(["GET", "POST"])
def desk(request: Request) -> HttpResponse:
    """List every partner's findings, what is due first; posting opens one."""
    form = OpenForm(request.POST or None)
    if form.is_valid():
        opened = actions.open_finding(by=request.actor, **form.cleaned_data)
        messages.success(request, f"{opened} is open. {opened.organization} is told now.")
        return redirect("findings:judged", opened.pk)
    shown = Finding.objects.visible_to(request.actor).select_related("organization")
    context = {
        "nav": "findings",
        "page": _page(request, shown.order_by("closed_at", "due_at", "pk")),
        "form": form,
        "now": timezone.now(),
    }
    return render(
        request, "partners/findings/desk.html", context, status=422 if form.errors else 200
    )


@staff_only(Permission.REVIEW)
@require_GET
def judged(request: Request, number: int) -> HttpResponse:
    return _judged(request, _strange(request, number))


@staff_only(Permission.REVIEW)
@require_POST
def closing(request: Request, number: int) -> HttpResponse:
    found = _strange(request, number)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _judged(request, found, closing=form)
    actions.close_finding(found, by=request.actor, **form.cleaned_data)
    messages.success(request, f"{found} is closed.")
    return redirect("findings:judged", number)


@staff_only(Permission.ACCEPT_RISK)
@require_POST
def acceptance(request: Request, number: int) -> HttpResponse:
    found = _strange(request, number)
    form = AcceptForm(request.POST)
    if form.is_valid():
        why, until = form.cleaned_data["why"], form.cleaned_data["until"]
        try:
            actions.accept_risk(found, by=request.actor, reason=why, until=until)
        except Refused as refusal:
            form.add_error("until", str(refusal))
        else:
            messages.success(request, f"You answer for {found} until then. It opens by itself.")
            return redirect("findings:judged", number)
    return _judged(request, found, accepting=form)


def _judged(
    request: Request,
    found: Finding,
    *,
    closing: ReasonForm | None = None,
    accepting: AcceptForm | None = None,
) -> HttpResponse:
    context = {
        "nav": "findings",
        "finding": found,
        "closing": closing or ReasonForm(),
        "accepting": accepting or AcceptForm(),
        "may_accept": allows(request.actor, Permission.ACCEPT_RISK),
    }
    status = 422 if closing or accepting else 200
    return render(request, "partners/findings/judged.html", context, status=status)


def _strange(request: Request, number: int) -> Finding:
    """Return a finding about somebody else's organization: nobody judges the own one."""
    strange = Finding.objects.exclude(organization__in=list(request.actor.memberships))
    whole = strange.select_related("organization", "evidence", "accepted_by", "assignment")
    return get_object_or_404(whole, pk=number)


def _page(request: Request, found: FindingQuerySet) -> Page[Finding]:
    return Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
