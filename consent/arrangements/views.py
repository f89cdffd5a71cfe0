from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from textwrap import wrap
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog.scopes.models import DataCluster
from consent.arrangements import (
    changing,
    ending,
    export,
    history,
    moments,
    overview,
    receipts,
    wording,
)
from consent.arrangements.forms import ChangeForm
from consent.arrangements.holding import AlreadyEnded, ChangedSince
from consent.arrangements.models import Arrangement, Customer, Receipt
from portal.accounts.models import User
from portal.ui.guards import signed_in
from portal.ui.requests import Request

P = ParamSpec("P")
CustomerView = Callable[Concatenate[Request, Customer, P], HttpResponse]
RECENT = 12
PAGE_SIZE = 40


def customer_page(nav: str) -> Callable[[CustomerView[P]], Callable[..., HttpResponse]]:
    """Hand the view its customer, in the customer's time; a person who is none gets a kind page."""

    def guard(view: CustomerView[P]) -> Callable[..., HttpResponse]:
        @never_cache
        @signed_in
        @wraps(view)
        def page(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user = _person(request)
            customer = Customer.objects.select_related("user").filter(user=user).first()
            with timezone.override(moments.zone_of(user.time_zone)):
                if customer is not None:
                    return view(request, customer, *args, **kwargs)
                if kwargs:
                    raise Http404
                return render(request, "consent/arrangements/nobody.html", {"nav": nav})

        return page

    return guard


@require_safe
@customer_page("apps")
def apps(request: Request, customer: Customer) -> HttpResponse:
    now = timezone.now()
    running, ended = overview.sharings_of(customer, at=now)
    context = {
        "nav": "apps",
        "running": running,
        "ended": ended,
        "read_count": overview.read_count_since(customer, since=overview.a_month_before(now)),
        "zone": customer.user.time_zone,
    }
    return render(request, "consent/arrangements/apps.html", context)


@require_safe
@customer_page("apps")
def app(request: Request, customer: Customer, slug: str) -> HttpResponse:
    arrangements = _arrangements(customer, slug)
    sharing = overview.sharing_of(arrangements[0], at=timezone.now())
    rows = history.rows_with(arrangements)[: RECENT + 1]
    entries = history.tell(rows, zone=customer.user.time_zone)
    context = _context(sharing, customer) | {
        "entries": entries[:RECENT],
        "has_more": len(entries) > RECENT,
        "receipts": list(
            Receipt.objects.filter(version__arrangement__in=arrangements).order_by("-pk")
        ),
    }
    return render(request, "consent/arrangements/app.html", context)


@require_http_methods(["GET", "POST"])
@customer_page("apps")
def change(request: Request, customer: Customer, slug: str) -> HttpResponse:
    arrangement = _arrangements(customer, slug)[0]
    sharing = overview.sharing_of(arrangement, at=timezone.now())
    form = ChangeForm(request.POST or None)
    is_stale = False
    if form.is_valid():
        try:
            changed = changing.narrow_arrangement(
                arrangement,
                by=request.actor,
                keep=form.cleaned_data["keep"],
                seen_version=form.cleaned_data["version"],
            )
        except (ChangedSince, AlreadyEnded):
            is_stale = True
            arrangement = _arrangements(customer, slug)[0]
            sharing = overview.sharing_of(arrangement, at=timezone.now())
        else:
            _say_what_changed(request, sharing, changed, kept=form.cleaned_data["keep"])
            return redirect("arrangements:arrangement", slug)
    if not sharing.is_active:
        return redirect("arrangements:arrangement", slug)
    context = _context(sharing, customer) | {"form": form, "is_stale": is_stale}
    status = HTTPStatus.CONFLICT if is_stale else HTTPStatus.OK
    return render(request, "consent/arrangements/change.html", context, status=status)


@require_http_methods(["GET", "POST"])
@customer_page("apps")
def stop(request: Request, customer: Customer, slug: str) -> HttpResponse:
    arrangement = _arrangements(customer, slug)[0]
    if request.method == "POST":
        ending.withdraw_everything(
            customer, by=request.actor, application=arrangement.client.application
        )
        return redirect("arrangements:arrangement", slug)
    sharing = overview.sharing_of(arrangement, at=timezone.now())
    if not sharing.is_active:
        return redirect("arrangements:arrangement", slug)
    return render(request, "consent/arrangements/stop.html", _context(sharing, customer))


@require_http_methods(["GET", "POST"])
@customer_page("apps")
def stop_all(request: Request, customer: Customer) -> HttpResponse:
    if request.method == "POST":
        ended = ending.withdraw_everything(customer, by=request.actor)
        messages.success(request, wording.all_stopped(ended, customer.user.time_zone))
        return redirect("arrangements:list")
    running, _ = overview.sharings_of(customer, at=timezone.now())
    if not running:
        return redirect("arrangements:list")
    context = {"nav": "apps", "running": running}
    return render(request, "consent/arrangements/stop_all.html", context)


@require_safe
@customer_page("history")
def history_page(request: Request, customer: Customer) -> HttpResponse:
    page = Paginator(history.rows_of(customer), PAGE_SIZE).get_page(request.GET.get("page"))
    entries = history.tell(page.object_list, zone=customer.user.time_zone)
    context = {
        "nav": "history",
        "page": page,
        "entries": entries,
        "zone": customer.user.time_zone,
    }
    return render(request, "consent/arrangements/history.html", context)


@require_safe
@customer_page("apps")
def receipt(request: Request, customer: Customer, number: str) -> HttpResponse:
    found = _receipt(customer, number)
    application = found.version.arrangement.client.application
    zone = customer.user.time_zone
    happened_at = datetime.fromisoformat(found.body["event"]["event_time"])
    context = {
        "nav": "apps",
        "receipt": found,
        "words": wording.receipt_words(found.event_kind, reason=found.body["event"]["reason"]),
        "partner": found.body["pii_controllers"][0],
        "place": wording.place(found.body["pii_controllers"][0]["party_address"]),
        "application": application,
        "customer": customer,
        "happened_at": moments.moment(happened_at, zone, seconds=True),
        "ends_at": moments.moment(found.version.ends_at, zone),
        "delete_by": moments.moment(wording.delete_by(happened_at), zone),
        "fingerprint": " ".join(wrap(found.sha256, 8)),
        "address": f"{settings.ISSUER}{reverse('arrangements:list')}",
        "zone": zone,
    }
    return render(request, "consent/arrangements/receipt.html", context)


@require_safe
@customer_page("apps")
def receipt_file(request: Request, customer: Customer, number: str) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    """Answer the record byte for byte as its digest was taken."""
    found = _receipt(customer, number)
    response = HttpResponse(receipts.canonical(found.body), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.json"'
    response["Repr-Digest"] = f"sha-256=:{receipts.base64_of(found.sha256)}:"
    return response


@require_safe
@customer_page("data")
def data(request: Request, customer: Customer) -> HttpResponse:
    context = {
        "nav": "data",
        "customer": customer,
        "clusters": DataCluster.objects.filter(superseded_at=None).order_by("-depth", "label"),
        "counts": export.counts_of(customer),
        "zone": customer.user.time_zone,
    }
    return render(request, "consent/arrangements/data.html", context)


@require_safe
@customer_page("data")
def data_file(request: Request, customer: Customer) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    response = JsonResponse(
        export.records_of(customer, at=timezone.now()),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )
    response["Content-Disposition"] = 'attachment; filename="meridian-consents.json"'
    return response


def _person(request: Request) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _context(sharing: overview.Sharing, customer: Customer) -> dict[str, object]:
    application = sharing.arrangement.client.application
    zone = customer.user.time_zone
    return {
        "nav": "apps",
        "sharing": sharing,
        "arrangement": sharing.arrangement,
        "application": application,
        "by_whom": wording.by_whom(application),
        "what": wording.several(line.words["label"] for line in sharing.lines),
        "ended_moment": moments.moment(sharing.ended_at, zone, seconds=True),
        "zone": zone,
    }


def _say_what_changed(
    request: Request, before: overview.Sharing, after: Arrangement, *, kept: list[str]
) -> None:
    """Say it on the next page; where the change was the end, that page says so itself."""
    now = timezone.now()
    if not after.is_active(at=now):
        return
    off = [line.words["label"] for line in before.lines if line.words["scope"] not in kept]
    zone = after.customer.user.time_zone
    words = wording.switched_off(str(after.client.application), off, now, zone)
    messages.success(request, words)


def _arrangements(customer: Customer, slug: str) -> list[Arrangement]:
    """Return what the customer has with that application: what runs first, then the newest."""
    found = Arrangement.objects.filter(customer=customer, client__application__slug=slug)
    found = found.select_related("client__application__organization").order_by("-given_at")
    now = timezone.now()
    arrangements = sorted(found, key=lambda each: not each.is_active(at=now))
    if not arrangements:
        raise Http404
    return arrangements


def _receipt(customer: Customer, number: str) -> Receipt:
    own = Receipt.objects.filter(version__arrangement__customer=customer)
    return get_object_or_404(
        own.select_related("version__arrangement__client__application__organization"),
        number=number,
    )
