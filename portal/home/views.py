from __future__ import annotations

from django.conf import settings
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from catalog.apis.models import Api
from consent.arrangements.models import Customer
from partners.applications.models import Application
from partners.organizations.current import organization_of, own_organization
from partners.organizations.models import Organization
from portal.home.boxes import State, boxes
from portal.home.journey import journey
from portal.home.progress import facts_of
from portal.home.standing import standing_of, wanted_application
from portal.ui.addresses import address
from portal.ui.guards import signed_in
from portal.ui.requests import Request

A_YEAR = 365 * 24 * 3600
NEWEST_COUNT = 6


@require_safe
def front(request: Request) -> HttpResponse:
    published = Api.objects.visible_to(request.actor).filter(status=Api.Status.PUBLISHED)
    newest = published.annotate(depth=Max("versions__operations__depth"))
    context = {
        "apis": newest.order_by("-published_at", "name")[:NEWEST_COUNT],
        "api_count": published.count(),
        "nav": "front",
        "hides_search": True,
    }
    return render(request, "portal/home/front.html", context)


@require_safe
@signed_in
def home(request: Request) -> HttpResponse:
    """Lead everybody to where their work is: staff, partners, customers, newcomers."""
    if request.actor.is_staff and (console := address("reviews:queue")):
        return redirect(console)
    if organization := organization_of(request):
        return _partner_home(request, organization)
    is_customer = Customer.objects.filter(user_id=request.actor.person_id or 0).exists()
    if is_customer and (apps := address("arrangements:list")):
        return redirect(apps)
    return render(request, "portal/home/newcomer.html", {"nav": "home"})


def _partner_home(request: Request, organization: Organization) -> HttpResponse:
    applications = list(
        Application.objects.filter(organization=organization).order_by("-registered_at")[:5]
    )
    context = {
        "organization": organization,
        "applications": applications,
        "journey": journey(facts_of(organization, applications)),
        "token_url": f"{settings.ISSUER}/oauth/token",
        "nav": "home",
    }
    return render(request, "portal/home/partner.html", context)


@require_safe
@signed_in
def production(request: Request) -> HttpResponse:
    """Show the five boxes between the organization and production."""
    organization = own_organization(request)
    found = boxes(standing_of(organization))
    context = {
        "organization": organization,
        "boxes": found,
        "left_count": sum(box.state is not State.DONE for box in found),
        "application": wanted_application(organization),
        "nav": "home",
    }
    return render(request, "portal/home/production.html", context)


@require_safe
def help_page(request: Request) -> HttpResponse:
    return render(request, "portal/home/help.html", {"nav": "help"})


@require_POST
def theme(request: Request) -> HttpResponse:
    """Keep the choice of light, dark or the system's in a cookie."""
    wanted = request.POST.get("theme")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = redirect(back)
    if wanted in {"light", "dark"}:
        response.set_cookie(
            "theme",
            wanted,
            max_age=A_YEAR,
            samesite="Lax",
            httponly=True,
            secure=settings.IS_SECURE,
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
