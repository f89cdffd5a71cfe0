from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from partners.organizations.current import organization_of
from partners.organizations.models import Organization
from partners.webhooks import actions
from partners.webhooks.forms import EndpointForm
from partners.webhooks.models import Endpoint, Message, MessageQuerySet
from portal.access.permissions import Permission, allows, require
from portal.errors import Conflict
from portal.ui.guards import signed_in
from portal.ui.requests import Request

PAGE_SIZE = 25


@require_GET
@signed_in
def endpoints(request: Request) -> HttpResponse:
    organization = _organization(request)
    sent = Message.objects.filter(endpoint__organization=organization).order_by("-id")
    context = {
        "nav": "webhooks",
        "organization": organization,
        "endpoints": Endpoint.objects.filter(organization=organization)
        .select_related("application")
        .order_by("id"),
        "page": _log(request, sent),
        "may_manage": _may_manage(request, organization),
    }
    return render(request, "partners/webhooks/endpoints.html", context)


@never_cache
@signed_in
def new(request: Request) -> HttpResponse:
    organization = _organization(request)
    require(request.actor, Permission.MANAGE_WEBHOOKS, organization_id=organization.pk)
    form = EndpointForm(request.POST or None, organization=organization)
    if form.is_valid():
        try:
            endpoint, secret = actions.add_endpoint(
                organization, by=request.actor, **form.cleaned_data
            )
        except Conflict as refusal:
            form.add_error("url", str(refusal))
        else:
            if endpoint.is_signed_by_secret:
                return _show_once(request, endpoint, secret)
            messages.success(request, "Added. A first token is on its way; check it with our keys.")
            return redirect(endpoint)
    return render(request, "partners/webhooks/new.html", {"nav": "webhooks", "form": form})


@require_GET
@signed_in
def endpoint(request: Request, endpoint_id: int) -> HttpResponse:
    found = _endpoint(request, endpoint_id)
    context = {
        "nav": "webhooks",
        "endpoint": found,
        "page": _log(request, Message.objects.filter(endpoint=found).order_by("-id")),
        "may_manage": _may_manage(request, found.organization),
    }
    return render(request, "partners/webhooks/endpoint.html", context)


@never_cache
@require_POST
@signed_in
def roll(request: Request, endpoint_id: int) -> HttpResponse:
    found = _endpoint(request, endpoint_id)
    is_leaked = "leaked" in request.POST
    secret = actions.roll_secret(found, by=request.actor, is_leaked=is_leaked)
    found.refresh_from_db()
    return _show_once(request, found, secret)


@require_POST
@signed_in
def test(request: Request, endpoint_id: int) -> HttpResponse:
    found = _endpoint(request, endpoint_id)
    actions.try_endpoint(found, by=request.actor)
    messages.success(request, "A test is on its way. Its answer appears below in a few seconds.")
    return redirect(found)


@require_POST
@signed_in
def switch(request: Request, endpoint_id: int) -> HttpResponse:
    found = _endpoint(request, endpoint_id)
    if found.status == Endpoint.Status.DISABLED:
        actions.enable_endpoint(found, by=request.actor)
        messages.success(request, "Switched on. We send a test first.")
    else:
        actions.disable_endpoint(found, by=request.actor)
        messages.success(request, "Switched off. Nothing is sent there from now on.")
    return redirect(found)


@signed_in
def remove(request: Request, endpoint_id: int) -> HttpResponse:
    found = _endpoint(request, endpoint_id)
    require(request.actor, Permission.MANAGE_WEBHOOKS, organization_id=found.organization_id)
    if request.method != "POST":
        context = {"nav": "webhooks", "endpoint": found}
        return render(request, "partners/webhooks/remove.html", context)
    actions.remove_endpoint(found, by=request.actor)
    messages.success(request, f"{found.url} hears nothing from us any more.")
    return redirect("webhooks:list")


@require_GET
@signed_in
def message(request: Request, message_id: int) -> HttpResponse:
    found = _message(request, message_id)
    context = {
        "nav": "webhooks",
        "message": found,
        "attempts": found.attempts.order_by("-number"),
        "may_manage": _may_manage(request, found.endpoint.organization),
    }
    return render(request, "partners/webhooks/message.html", context)


@require_POST
@signed_in
def again(request: Request, message_id: int) -> HttpResponse:
    found = _message(request, message_id)
    actions.send_again(found, by=request.actor)
    messages.success(request, "On its way again, under the same id.")
    return redirect(found)


def _organization(request: Request) -> Organization:
    organization = organization_of(request)
    if organization is None:
        raise Http404
    return organization


def _endpoint(request: Request, endpoint_id: int) -> Endpoint:
    visible = Endpoint.objects.visible_to(request.actor)
    return get_object_or_404(visible.select_related("organization", "application"), pk=endpoint_id)


def _message(request: Request, message_id: int) -> Message:
    visible = Message.objects.visible_to(request.actor)
    return get_object_or_404(
        visible.select_related("endpoint__organization", "event"), pk=message_id
    )


def _log(request: Request, sent: MessageQuerySet) -> Page[Message]:
    whole = sent.select_related("endpoint").with_last_attempt()
    return Paginator(whole, PAGE_SIZE).get_page(request.GET.get("page"))


def _may_manage(request: Request, organization: Organization) -> bool:
    return allows(request.actor, Permission.MANAGE_WEBHOOKS, organization_id=organization.pk)


def _show_once(request: Request, endpoint: Endpoint, secret: str) -> HttpResponse:
    """Answer the form itself: a redirect would have to keep the secret somewhere."""
    context = {"nav": "webhooks", "endpoint": endpoint, "secret": secret}
    return render(request, "partners/webhooks/secret.html", context)
