from __future__ import annotations

from datetime import datetime
from textwrap import wrap

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.scopes.languages import as_sorted
from catalog.scopes.models import DataCluster
from consent.arrangements import export, history, looks, moments, overview, receipts, wording
from consent.arrangements.choices.views import about
from consent.arrangements.dashboard import Board
from consent.arrangements.forms import WishForm
from consent.arrangements.guards import arrangements_with, customer_page
from consent.arrangements.models import Customer, Receipt
from consent.arrangements.telling import telling_of
from consent.keys import jws
from consent.minors.models import Approval
from portal.accounts.guards import recent_login
from portal.ui.requests import Request

RECENT = 12
RECENT_LOOKS = 5
RECENT_RECEIPTS = 5
PAGE_SIZE = 40


@require_safe
@customer_page("apps")
def apps(request: Request, customer: Customer) -> HttpResponse:
    form = WishForm(request.GET)
    now = timezone.now()
    board = Board(customer, form.wish(), at=now)
    asked = Approval.objects.waiting(at=now).filter(child=customer.user)
    has_asked = getattr(customer, "has_asked", False)
    context = {
        "nav": "apps",
        "customer": customer,
        "board": board,
        "form": form,
        "asked": list(asked.select_related("client__application")) if has_asked else [],
        "decides": getattr(customer, "has_wards", False),
        "zone": customer.user.time_zone,
    }
    return render(request, "consent/arrangements/apps.html", context)


@require_safe
@customer_page("apps")
def app(request: Request, customer: Customer, slug: str) -> HttpResponse:
    arrangements = arrangements_with(customer, slug)
    sharing = overview.sharing_of(arrangements[0], at=timezone.now())
    zone = customer.user.time_zone
    page = Paginator(history.rows_with(arrangements), RECENT).get_page(request.GET.get("page"))
    days = looks.days_with(arrangements, zone=zone)[:RECENT_LOOKS]
    proofs = Receipt.objects.filter(version__arrangement__in=arrangements).order_by("-pk")
    context = about(sharing, customer) | {
        "page": page,
        "entries": history.tell(page.object_list, zone=zone),
        "looks": looks.told(days, arrangements),
        "telling": None if sharing.is_active else telling_of(arrangements[0], zone=zone),
        "receipts": list(proofs[: RECENT_RECEIPTS + 1]),
    }
    return render(request, "consent/arrangements/app.html", context)


@require_safe
@customer_page("apps")
def log(request: Request, customer: Customer, slug: str) -> HttpResponse:
    arrangements = arrangements_with(customer, slug)
    sharing = overview.sharing_of(arrangements[0], at=timezone.now())
    days = looks.days_with(arrangements, zone=customer.user.time_zone)
    page = Paginator(days, PAGE_SIZE).get_page(request.GET.get("page"))
    context = about(sharing, customer) | {
        "page": page,
        "looks": looks.told(page.object_list, arrangements),
    }
    return render(request, "consent/arrangements/log.html", context)


@require_safe
@customer_page("apps")
@recent_login
def log_file(request: Request, customer: Customer, slug: str) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    arrangements = arrangements_with(customer, slug)
    days = looks.days_with(arrangements, zone=customer.user.time_zone)
    sheet = looks.as_csv(looks.told(days, arrangements))
    response = HttpResponse(sheet, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-looks.csv"'
    return response


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
        "is_signed": _is_signed(found),
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
    known = DataCluster.objects.filter(superseded_at=None)
    clusters = [(cluster, cluster.spoken()) for cluster in known]
    clusters.sort(key=lambda one: (-one[0].depth, as_sorted(one[1]["label"])))
    context = {
        "nav": "data",
        "customer": customer,
        "clusters": clusters,
        "counts": export.counts_of(customer),
        "zone": customer.user.time_zone,
    }
    return render(request, "consent/arrangements/data.html", context)


@require_safe
@customer_page("data")
@recent_login
def data_file(request: Request, customer: Customer) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    response = JsonResponse(
        export.records_of(customer, at=timezone.now()),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
    )
    response["Content-Disposition"] = 'attachment; filename="meridian-consents.json"'
    return response


def _is_signed(receipt: Receipt) -> bool:
    """Whether one of its signatures names a key of ours that was not given up since."""
    made = [receipt.signature, *(one.signature for one in receipt.resignatures.all())]
    return jws.is_any_trusted(made)


def _receipt(customer: Customer, number: str) -> Receipt:
    own = Receipt.objects.filter(version__arrangement__customer=customer)
    return get_object_or_404(
        own.select_related("version__arrangement__client__application__organization"),
        number=number,
    )
