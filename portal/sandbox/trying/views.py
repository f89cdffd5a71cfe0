from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.apis.models import Operation
from consent.gateway.wording import TITLES
from portal.errors import Refused
from portal.sandbox.replies import REFERENCE_API
from portal.sandbox.trying import calling, customers
from portal.sandbox.trying.forms import MAX_CUSTOMERS, TryForm
from portal.ui.forms import explain
from portal.ui.guards import signed_in
from portal.ui.requests import Request

# What is done before the call: nothing, or the test customer decides otherwise.
MOVES = {"agree": customers.let_agree, "stop": customers.let_stop}


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: Request, slug: str, label: str, op: str) -> HttpResponse:
    """Show an operation as a form; posting it calls the sandbox and shows what came back."""
    operation = get_object_or_404(
        Operation.objects.visible_to(request.actor).select_related("version__api"),
        version__api__slug=slug,
        version__label=label,
        slug=op,
    )
    is_personal = calling.needs_customer(operation)
    form = TryForm(
        request.POST if request.method == "POST" else None,
        operation=operation,
        clients=calling.clients_of(request.actor),
        customers=customers.made_up_customers()[:MAX_CUSTOMERS] if is_personal else (),
        app=request.GET.get("app", ""),
    )
    context: dict[str, Any] = {
        "nav": "apis",
        "operation": operation,
        "version": operation.version,
        "api": operation.version.api,
        "form": form,
        "is_personal": is_personal,
        "keeps_state": slug == REFERENCE_API,
        "takes_names": "{" in operation.path,
    }
    if form.is_valid():
        context |= _tried(request, operation, form)
    # htmx shows only what came with a good status.
    is_refused = form.errors and "HX-Request" not in request.headers
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK
    return render(request, "portal/sandbox/try.html", context, status=status)


def _tried(request: Request, operation: Operation, form: TryForm) -> dict[str, Any]:
    client, customer = form.client(), form.customer()
    try:
        move = MOVES.get(request.POST.get("do", ""))
        if move is not None and customer is not None:
            move(customer, client, by=request.actor)
        outcome = calling.try_operation(
            operation, form.asked(), by=request.actor, client=client, customer=customer
        )
    except Refused as refusal:
        explain(form, refusal)
        return {}
    return {
        "outcome": outcome,
        "title": TITLES[outcome.reason],
        "application": client.application,
        "customer": customer,
    }
