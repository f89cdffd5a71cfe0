"""The page on which a customer takes back one of the things that they picked."""

# ruff: noqa: TID251 - it is a view, apart because its page tells what is left

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consent.arrangements import dropping, overview, picking, wording
from consent.arrangements.access import current_items
from consent.arrangements.choices.forms import DropForm
from consent.arrangements.choices.views import about
from consent.arrangements.guards import arrangements_with, customer_page
from consent.arrangements.holding import AlreadyEnded, ChangedSince
from consent.arrangements.models import Arrangement, Customer
from consent.arrangements.terms import NeededToWork, NotOffered
from portal.ui.requests import Request


@require_http_methods(["GET", "POST"])
@customer_page("apps")
def drop(request: Request, customer: Customer, slug: str) -> HttpResponse:
    """Say what is left without this one, and do it."""
    form = DropForm(request.POST if request.method == "POST" else request.GET)
    arrangement = arrangements_with(customer, slug)[0]
    if not form.is_valid():
        return redirect("arrangements:arrangement", slug)
    kind, reference = form.named
    is_stale = False
    if request.method == "POST":
        try:
            return _drop(request, arrangement, form)
        except (ChangedSince, AlreadyEnded, NeededToWork):
            is_stale = True
            arrangement = arrangements_with(customer, slug)[0]
    sharing = overview.sharing_of(arrangement, at=timezone.now())
    if not sharing.is_active:
        return redirect("arrangements:arrangement", slug)
    items = current_items(arrangement)
    things = picking.told(customer, items, application=arrangement.client.application).get(kind, [])
    try:
        left = dropping.outcome_of(items, kind, reference)
    except NotOffered:
        return redirect("arrangements:arrangement", slug)
    context = about(sharing, customer) | {
        "thing": form.cleaned_data["thing"],
        "label": next((one.label for one in things if one.reference == reference), ""),
        "others": [one.label for one in things if one.reference != reference],
        "gone": wording.several(item.cluster.spoken()["label"] for item in left.gone),
        "ends_all": left.ends_all,
        "is_stale": is_stale,
    }
    status = HTTPStatus.CONFLICT if is_stale else HTTPStatus.OK
    return render(request, "consent/arrangements/drop.html", context, status=status)


def _drop(request: Request, arrangement: Arrangement, form: DropForm) -> HttpResponse:
    kind, reference = form.named
    changed = dropping.drop_resource(
        arrangement,
        by=request.actor,
        kind=kind,
        reference=reference,
        seen_version=form.cleaned_data["version"],
        may_end=form.cleaned_data["ends"],
    )
    if changed.is_running(at=timezone.now()):
        app = arrangement.client.application.name
        messages.success(request, _("Saved. %(app)s no longer sees this one.") % {"app": app})
    return redirect("arrangements:arrangement", arrangement.client.application.slug)
