"""The pages on which a customer changes, pauses or stops what an app sees: two steps at most."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from consent.arrangements import changing, ending, moments, overview, wording
from consent.arrangements.choices.forms import EARLIER, ChangeForm, ShortenForm
from consent.arrangements.guards import arrangements_with, customer_page
from consent.arrangements.holding import AlreadyEnded, ChangedSince
from consent.arrangements.models import Arrangement, Customer
from portal.errors import Refused
from portal.ui.requests import Request

# So many apps are named on the page that stops all of them; the rest is counted.
NAMED = 20


@require_http_methods(["GET", "POST"])
@customer_page("apps")
def change(request: Request, customer: Customer, slug: str) -> HttpResponse:
    arrangement = arrangements_with(customer, slug)[0]
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
            arrangement = arrangements_with(customer, slug)[0]
            sharing = overview.sharing_of(arrangement, at=timezone.now())
        else:
            _say_what_changed(request, sharing, changed, kept=form.cleaned_data["keep"])
            return redirect("arrangements:arrangement", slug)
    if not sharing.is_active:
        return redirect("arrangements:arrangement", slug)
    context = about(sharing, customer) | {
        "form": form,
        "is_stale": is_stale,
        "ends": _earlier_ends(arrangement, customer),
        # One press on “Stop this” leads here with that one switched off already.
        "off": request.GET.getlist("off"),
    }
    status = HTTPStatus.CONFLICT if is_stale else HTTPStatus.OK
    return render(request, "consent/arrangements/change.html", context, status=status)


@require_POST
@customer_page("apps")
def shorten(request: Request, customer: Customer, slug: str) -> HttpResponse:
    """Let it end earlier. What was changed meanwhile is shown first, as on the page of changes."""
    arrangement = arrangements_with(customer, slug)[0]
    form = ShortenForm(request.POST)
    if not form.is_valid():
        return redirect("arrangements:change", slug)
    ends_at = timezone.now() + timedelta(days=form.cleaned_data["days"])
    try:
        changing.shorten_arrangement(
            arrangement,
            by=request.actor,
            ends_at=ends_at,
            seen_version=form.cleaned_data["version"],
        )
    except Refused as error:
        messages.warning(request, str(error))
        return redirect("arrangements:change", slug)
    when = moments.moment(ends_at, customer.user.time_zone)
    app = arrangement.client.application.name
    messages.success(
        request, _("Saved. %(app)s sees nothing after %(when)s.") % {"app": app, "when": when}
    )
    return redirect("arrangements:arrangement", slug)


@require_POST
@customer_page("apps")
def pause(request: Request, customer: Customer, slug: str) -> HttpResponse:
    paused = changing.pause_arrangement(arrangements_with(customer, slug)[0], by=request.actor)
    app = paused.client.application.name
    messages.success(
        request, _("Paused. %(app)s sees nothing until you let it go on.") % {"app": app}
    )
    return redirect("arrangements:arrangement", slug)


@require_POST
@customer_page("apps")
def resume(request: Request, customer: Customer, slug: str) -> HttpResponse:
    resumed = changing.resume_arrangement(arrangements_with(customer, slug)[0], by=request.actor)
    app = resumed.client.application.name
    messages.success(request, _("%(app)s goes on as before.") % {"app": app})
    return redirect("arrangements:arrangement", slug)


@require_http_methods(["GET", "POST"])
@customer_page("apps")
def stop(request: Request, customer: Customer, slug: str) -> HttpResponse:
    arrangement = arrangements_with(customer, slug)[0]
    if request.method == "POST":
        ending.withdraw_everything(
            customer, by=request.actor, application=arrangement.client.application
        )
        return redirect("arrangements:arrangement", slug)
    sharing = overview.sharing_of(arrangement, at=timezone.now())
    if not sharing.is_active:
        return redirect("arrangements:arrangement", slug)
    return render(request, "consent/arrangements/stop.html", about(sharing, customer))


@require_http_methods(["GET", "POST"])
@customer_page("apps")
def stop_all(request: Request, customer: Customer) -> HttpResponse:
    if request.method == "POST":
        ended = ending.withdraw_everything(customer, by=request.actor)
        messages.success(request, wording.all_stopped(ended, customer.user.time_zone))
        return redirect("arrangements:list")
    now = timezone.now()
    running = customer.arrangements.running(at=now)
    count = running.count()
    if not count:
        return redirect("arrangements:list")
    named = running.select_related("client__application", "customer__user").order_by("-given_at")
    context = {
        "nav": "apps",
        "running": overview.told(list(named[:NAMED]), at=now),
        "count": count,
        "more_count": max(count - NAMED, 0),
    }
    return render(request, "consent/arrangements/stop_all.html", context)


def about(sharing: overview.Sharing, customer: Customer) -> dict[str, object]:
    """Return what every page about one app says."""
    arrangement = sharing.arrangement
    application = arrangement.client.application
    zone = customer.user.time_zone
    return {
        "nav": "apps",
        "sharing": sharing,
        "arrangement": arrangement,
        "application": application,
        "by_whom": wording.by_whom(application),
        "what": wording.several(line.words["label"] for line in sharing.lines),
        "until": moments.moment(arrangement.ends_at, zone),
        "in_how_long": moments.in_how_long(arrangement.ends_at, sharing.at),
        "ended_moment": moments.moment(sharing.ended_at, zone, seconds=True),
        "zone": zone,
    }


def _say_what_changed(
    request: Request, before: overview.Sharing, after: Arrangement, *, kept: list[str]
) -> None:
    """Say it on the next page; where the change was the end, that page says so itself."""
    now = timezone.now()
    if not after.is_running(at=now):
        return
    off = [line.words["label"] for line in before.lines if line.words["scope"] not in kept]
    zone = after.customer.user.time_zone
    words = wording.switched_off(str(after.client.application), off, now, zone)
    messages.success(request, words)


def _earlier_ends(arrangement: Arrangement, customer: Customer) -> list[dict[str, object]]:
    """Return the ends that lie before the one that was agreed to."""
    now = timezone.now()
    zone = customer.user.time_zone
    days_left = [days for days in EARLIER if now + timedelta(days=days) < arrangement.ends_at]
    return [
        {"days": days, "label": moments.day(now + timedelta(days=days), zone)} for days in days_left
    ]
