"""The page on which one of several holders stops an application for all of them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from consent.arrangements import wording
from consent.arrangements.guards import customer_page
from consent.arrangements.models import Customer
from consent.joint import actions, overview
from consent.joint.forms import JointForm
from portal.ui.requests import Request


@require_http_methods(["GET", "POST"])
@customer_page("apps")
def stop(request: Request, customer: Customer, slug: str) -> HttpResponse:
    form = JointForm(request.POST if request.method == "POST" else request.GET)
    row = _row(customer, slug, form)
    if request.method == "POST":
        kind, reference = form.named
        actions.stop_for_all(
            customer, row.application, by=request.actor, kind=kind, reference=reference
        )
        app = row.application.name
        messages.success(request, _("Stopped. %(app)s no longer sees this one.") % {"app": app})
        return redirect("arrangements:list")
    if row.is_stopped_by_me:
        return redirect("arrangements:list")
    context = {
        "nav": "apps",
        "row": row,
        "application": row.application,
        "by_whom": wording.by_whom(row.application),
    }
    return render(request, "consent/joint/stop.html", context)


@require_POST
@customer_page("apps")
def allow(request: Request, customer: Customer, slug: str) -> HttpResponse:
    form = JointForm(request.POST)
    row = _row(customer, slug, form)
    kind, reference = form.named
    actions.let_go_on(customer, row.application, by=request.actor, kind=kind, reference=reference)
    app = row.application.name
    messages.success(request, _("%(app)s sees it again while one of you shares it.") % {"app": app})
    return redirect("arrangements:list")


def _row(customer: Customer, slug: str, form: JointForm) -> overview.Shared:
    """Return what the page is about; of what concerns nobody who asks there is no page."""
    if form.is_valid():
        for row in overview.shared_by_others(customer, at=timezone.now()):
            if row.application.slug == slug and row.one.name == form.cleaned_data["thing"]:
                return row
    raise Http404
