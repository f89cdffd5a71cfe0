from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.access.permissions import Permission
from portal.accounts.models import User
from portal.notifications import actions
from portal.notifications.forms import PreferenceForm
from portal.notifications.models import Message, Preference
from portal.ui.guards import signed_in, staff_only
from portal.ui.requests import Request

PAGE_SIZE = 50


@require_safe
@signed_in
def notices(request: Request) -> HttpResponse:
    user = _user(request)
    wants_mail = not Preference.objects.filter(user=user, wants_mail=False).exists()
    context = {
        "page": Paginator(Message.objects.news_of(user), PAGE_SIZE).get_page(
            request.GET.get("page")
        ),
        "unread_count": Message.objects.news_of(user).unread().count(),
        "form": PreferenceForm(initial={"wants_mail": wants_mail}),
    }
    return render(request, "portal/notifications/notices.html", context)


@require_POST
@signed_in
def read(request: Request) -> HttpResponse:
    actions.read_news(_user(request))
    return redirect("notifications:notices")


@require_POST
@signed_in
def preference(request: Request) -> HttpResponse:
    form = PreferenceForm(request.POST)
    if form.is_valid():
        actions.prefer_mail(_user(request), **form.cleaned_data)
        messages.success(
            request,
            "We mail you your news."
            if form.cleaned_data["wants_mail"]
            else "Your news waits for you here. We do not mail it.",
        )
    return redirect("notifications:notices")


@require_safe
@staff_only(Permission.READ_OUTBOX)
def outbox(request: Request) -> HttpResponse:
    sent = Message.objects.select_related("user").order_by("-created_at", "-id")
    if request.GET.get("state") == "parked":
        sent = sent.parked()
    context = {
        "nav": "outbox",
        "page": Paginator(sent, PAGE_SIZE).get_page(request.GET.get("page")),
        "parked_count": Message.objects.parked().count(),
        "state": request.GET.get("state", ""),
    }
    return render(request, "portal/notifications/outbox.html", context)


@require_safe
@staff_only(Permission.READ_OUTBOX)
def message(request: Request, message_id: int) -> HttpResponse:
    found = get_object_or_404(Message.objects.select_related("user"), pk=message_id)
    # The demo has no mailboxes: there, and only there, a code or a one-time link is read here.
    context = {
        "nav": "outbox",
        "message": found,
        "is_readable": settings.DEMO or not found.is_sensitive,
    }
    return render(request, "portal/notifications/message.html", context)


@require_POST
@staff_only(Permission.READ_OUTBOX)
def again(request: Request, message_id: int) -> HttpResponse:
    found = get_object_or_404(Message, pk=message_id)
    actions.send_again(found, by=request.actor)
    messages.success(request, f"“{found.subject}” is on its way again.")
    return redirect("notifications:message", message_id)


def _user(request: Request) -> User:
    return cast("User", request.user)  # the guard has let only people through
