"""A guardian's pages: what waits for them, what a child shares, and its end in two steps."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent.arrangements import moments, wording
from consent.arrangements import overview as sharings
from consent.arrangements.guards import arrangements_with, customer_page
from consent.arrangements.models import Customer
from consent.guardians import deciding, overview, stopping
from consent.guardians.forms import AnswerForm
from consent.minors.models import Approval, Guardianship
from consent.minors.questions import is_minor
from portal.errors import Conflict, Refused
from portal.ui.requests import Request


@require_safe
@customer_page("children")
def children(request: Request, customer: Customer) -> HttpResponse:
    context = {
        "nav": "apps",
        "children": overview.children_of(request.actor, at=timezone.now()),
        "customer": customer,
    }
    return render(request, "consent/guardians/children.html", context)


@require_safe
@customer_page("children")
def child(request: Request, customer: Customer, link_id: UUID) -> HttpResponse:
    link, now = _link(request, link_id)
    context = {
        "nav": "apps",
        "link": link,
        "waiting": overview.waiting_of(link.child, at=now),
        "sharings": overview.sharing_of(link.child, at=now),
        "answered": overview.answered_of(link.child),
        "zone": customer.user.time_zone,
    }
    return render(request, "consent/guardians/child.html", context)


@require_http_methods(["GET", "POST"])
@customer_page("children")
def question(
    request: Request, customer: Customer, link_id: UUID, approval_id: UUID
) -> HttpResponse:
    link, now = _link(request, link_id)
    approval = _approval(link, approval_id)
    lines = overview.lines_of(approval)
    periods = deciding.periods_of(approval, at=now)
    form = AnswerForm(request.POST or None, lines=lines, periods=periods)
    if form.is_valid():
        try:
            return _answer(request, link, approval, form)
        except Conflict as error:
            messages.warning(request, str(error))
            return redirect(link)
        except Refused as error:
            form.add_error(None, str(error))
    if approval.status != Approval.Status.WAITING or approval.lapses_at <= now:
        return redirect(link)
    application = approval.client.application
    context = {
        "nav": "apps",
        "link": link,
        "approval": approval,
        "application": application,
        "by_whom": wording.by_whom(application),
        "needed": [line for line in lines if line["is_required"]],
        "optional": [line for line in lines if not line["is_required"]],
        "longest_kept": max((line["kept_days"] for line in lines), default=0),
        "periods": periods,
        "form": form,
        "zone": customer.user.time_zone,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "consent/guardians/question.html", context, status=status)


@require_safe
@customer_page("children")
def sharing(request: Request, customer: Customer, link_id: UUID, slug: str) -> HttpResponse:
    link, now = _link(request, link_id)
    arrangement = arrangements_with(_child_of(link), slug)[0]
    [told] = sharings.told([arrangement], at=now)
    context = {
        "nav": "apps",
        "link": link,
        "sharing": told,
        "arrangement": arrangement,
        "application": arrangement.client.application,
        "by_whom": wording.by_whom(arrangement.client.application),
        "until": moments.moment(arrangement.ends_at, customer.user.time_zone),
        "waits": overview.waits_for_confirmation(arrangement),
        "zone": customer.user.time_zone,
    }
    return render(request, "consent/guardians/sharing.html", context)


@require_http_methods(["GET", "POST"])
@customer_page("children")
def stop(request: Request, customer: Customer, link_id: UUID, slug: str) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    link, now = _link(request, link_id)
    arrangement = arrangements_with(_child_of(link), slug)[0]
    application = arrangement.client.application
    if request.method == "POST":
        stopping.stop_sharing(link.child, by=request.actor, application=application)
        messages.success(request, _("Stopped. The next look is refused."))
        return redirect(link)
    if not arrangement.is_running(at=now):
        return redirect(link)
    context = {"nav": "apps", "link": link, "application": application}
    return render(request, "consent/guardians/stop.html", context)


@require_http_methods(["GET", "POST"])
@customer_page("children")
def stop_all(request: Request, customer: Customer, link_id: UUID) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    link, now = _link(request, link_id)
    if request.method == "POST":
        stopping.stop_sharing(link.child, by=request.actor)
        messages.success(request, _("Stopped. The next look is refused."))
        return redirect(link)
    running = overview.sharing_of(link.child, at=now)
    if not running:
        return redirect(link)
    context = {"nav": "apps", "link": link, "running": running}
    return render(request, "consent/guardians/stop.html", context)


@require_POST
@customer_page("children")
def confirm(request: Request, customer: Customer, link_id: UUID, slug: str) -> HttpResponse:  # noqa: ARG001 - the same call for every page
    link, _now = _link(request, link_id)
    arrangement = arrangements_with(_child_of(link), slug)[0]
    try:
        stopping.confirm_sharing(arrangement, by=request.actor)
    except Conflict as error:
        messages.warning(request, str(error))
    else:
        app = arrangement.client.application.name
        messages.success(request, _("%(app)s goes on as before.") % {"app": app})
    return redirect(link)


def _answer(
    request: Request, link: Guardianship, approval: Approval, form: AnswerForm
) -> HttpResponse:
    named = {"app": approval.client.application.name, "child": link.child.given_name}
    if form.cleaned_data["decision"] == "deny":
        deciding.refuse(approval, by=request.actor)
        words = _("You said no to %(app)s. Nothing was shared, and %(child)s is told.") % named
    else:
        deciding.approve(
            approval, by=request.actor, scopes=form.scopes, period=form.cleaned_data["until"]
        )
        words = _("You allowed it. %(child)s is told, and decides when %(app)s asks again.") % named
    messages.success(request, words)
    return redirect(link)


def _link(request: Request, link_id: UUID) -> tuple[Guardianship, datetime]:
    """Return the guardian's own link to somebody who is still a child, and what time it is."""
    own = Guardianship.objects.visible_to(request.actor).select_related("child", "guardian")
    link = get_object_or_404(own, pk=link_id)
    now = timezone.now()
    if not is_minor(link.child, at=now):
        raise Http404
    return link, now


def _approval(link: Guardianship, approval_id: UUID) -> Approval:
    asked = Approval.objects.filter(child=link.child)
    found = asked.select_related("child", "client__application__organization")
    return get_object_or_404(found, pk=approval_id)


def _child_of(link: Guardianship) -> Customer:
    return Customer.objects.select_related("user").get(user=link.child)
