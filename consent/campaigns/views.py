from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.scopes.models import Purpose
from consent.campaigns import actions, counting
from consent.campaigns.forms import PlanForm, language_of
from consent.campaigns.models import Campaign
from portal.access.permissions import Permission
from portal.errors import Refused
from portal.ui.forms import explain
from portal.ui.guards import staff_only
from portal.ui.requests import Request

PAGE_SIZE = 25
TONES = {"planned": "neutral", "running": "info", "finished": "success", "cancelled": "neutral"}


@require_safe
@staff_only(Permission.ASK_AGAIN)
def campaigns(request: Request) -> HttpResponse:
    found = Campaign.objects.order_by("-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(one, TONES[one.status]) for one in page]
    context = {"nav": "campaigns", "page": page, "rows": rows}
    return render(request, "consent/campaigns/campaigns.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(Permission.ASK_AGAIN)
def new(request: Request) -> HttpResponse:
    form = PlanForm(request.POST or None)
    if form.is_valid():
        try:
            campaign = actions.plan_campaign(by=request.actor, **form.plan())
        except Refused as refusal:
            explain(form, refusal)
        else:
            return redirect(campaign)
    context = {"nav": "campaigns", "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "consent/campaigns/new.html", context, status=status)


@never_cache
@require_safe
@staff_only(Permission.ASK_AGAIN)
def campaign(request: Request, campaign_id: int) -> HttpResponse:
    found, now = get_object_or_404(Campaign, pk=campaign_id), timezone.now()
    context = {
        "nav": "campaigns",
        "campaign": found,
        "tone": TONES[found.status],
        "is_planned": found.status == Campaign.Status.PLANNED,
        "has_passed": now >= found.deadline,
        "purposes": _wordings(found),
        "summary": [(code, language_of(code), text) for code, text in found.summary.items()],
        "now": now,
    }
    if found.status == Campaign.Status.PLANNED:
        context["dry_run"] = counting.dry_run(found, at=now)
    elif found.status != Campaign.Status.CANCELLED:
        rows = counting.outcomes(found, at=now)
        left = 0 if found.asked_all_at else counting.left_to_ask(found, at=now).count()
        context |= {"rows": rows, "total": counting.total(rows), "left_count": left}
    return render(request, "consent/campaigns/campaign.html", context)


@require_POST
@staff_only(Permission.ASK_AGAIN)
def start(request: Request, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    actions.start_campaign(found, by=request.actor)
    messages.success(request, "Started. Customers are asked now, and apps are told.")
    return redirect(found)


@require_POST
@staff_only(Permission.ASK_AGAIN)
def cancel(request: Request, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    actions.cancel_campaign(found, by=request.actor)
    messages.success(request, "Dropped. Nobody was asked.")
    return redirect(found)


def _wordings(campaign: Campaign) -> list[Purpose]:
    """Return a purpose as it was worded before and as it is now."""
    if campaign.kind != Campaign.Kind.PURPOSE:
        return []
    worded = Purpose.objects.filter(code=campaign.code, version__lte=campaign.version)
    return list(worded.order_by("-version")[:2])
