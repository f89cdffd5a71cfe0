from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consent.arrangements.guards import customer_page
from consent.arrangements.models import Customer
from consent.reminders.actions import choose_rhythm
from consent.reminders.forms import RhythmForm
from consent.reminders.models import Rhythm
from portal.ui.requests import Request


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("apps")
def rhythm(request: Request, customer: Customer) -> HttpResponse:
    now = Rhythm.objects.filter(customer=customer).first() or Rhythm(customer=customer)
    said = {"first_days": now.first_days, "summary_days": now.summary_days}
    form = RhythmForm(request.POST or None, initial=said)
    if form.is_valid():
        choose_rhythm(customer, by=request.actor, **form.cleaned_data)
        messages.success(request, _("Saved. We remind you like this from now on."))
        return redirect("reminders:rhythm")
    return render(request, "consent/reminders/rhythm.html", {"nav": "apps", "form": form})
