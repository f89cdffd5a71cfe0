from __future__ import annotations

from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent.arrangements.guards import customer_page
from consent.arrangements.models import Customer, Receipt
from consent.receipts import actions, checking
from consent.receipts.checking import Finding, NoReceipt
from consent.receipts.document import document_of
from consent.receipts.forms import CheckForm
from consent.receipts.limits import take_try
from portal.ui.pdf import render as render_pdf
from portal.ui.requests import Request


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Say whether a receipt is one of ours, to anybody to whom its holder shows it."""
    if request.method == "GET":
        return _page(request, CheckForm())
    take_try(get_adapter().get_client_ip(request))
    form = CheckForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(request, CheckForm(), form.finding)


@never_cache
@require_safe
def checked(request: HttpRequest, number: str, sha256: str) -> HttpResponse:
    """Answer the address that is printed on a receipt."""
    take_try(get_adapter().get_client_ip(request))
    try:
        finding = checking.check_number(number, sha256)
    except NoReceipt:
        return _page(request, CheckForm(), status=HTTPStatus.NOT_FOUND)
    return _page(request, CheckForm(), finding)


@require_safe
@customer_page("apps")
def pdf_file(request: Request, customer: Customer, number: str) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    found = get_object_or_404(_receipts_of(customer), number=number)
    content = render_pdf(document_of(found, zone=customer.user.time_zone))
    return _file(content, "application/pdf", f"{found.number}.pdf")


@require_safe
@customer_page("apps")
def signed_file(request: Request, customer: Customer, number: str) -> HttpResponse:  # noqa: ARG001 - as above
    found = get_object_or_404(_receipts_of(customer).exclude(signature=""), number=number)
    return _file(checking.signed_form(found).encode(), "application/jose", f"{found.number}.jws")


@require_POST
@customer_page("apps")
def signature(request: Request, customer: Customer, number: str) -> HttpResponse:
    """Have it signed by the key that signs today."""
    found = get_object_or_404(_receipts_of(customer), number=number)
    actions.sign_anew(found, by=request.actor)
    messages.success(request, _("Our signature on this receipt holds. You can download it now."))
    return redirect("arrangements:receipt", found.number)


def _receipts_of(customer: Customer) -> QuerySet[Receipt]:
    return Receipt.objects.filter(version__arrangement__customer=customer)


def _page(
    request: HttpRequest,
    form: CheckForm,
    finding: Finding | None = None,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    context = {"nav": "help", "form": form, "finding": finding}
    return render(request, "consent/receipts/verify.html", context, status=status)


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
