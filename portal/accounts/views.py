from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal.access.actors import Actor
from portal.accounts import actions
from portal.accounts.areas import FRONT_DOORS, area_of
from portal.accounts.forms import ProfileForm
from portal.accounts.languages import is_language, keep_language
from portal.accounts.models import User


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined] # set by ActorMiddleware
    is_new = not user.name
    current = {
        "name": user.name,
        "time_zone": user.time_zone,
        "locale": user.language,
    }
    form = ProfileForm(request.POST or None, initial=current)
    if form.is_valid():
        actions.change_profile(user, by=actor, **form.cleaned_data)
        if is_new:
            return redirect(FRONT_DOORS[area_of(user)])
        messages.success(request, "Saved. Pages use it from now on.")
        return redirect("accounts:profile")
    context = {"form": form, "nav": "profile", "is_new": is_new}
    return render(request, "portal/accounts/profile.html", context)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from the next page on, in this browser and to this account."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = redirect(back)
    wanted = request.POST.get("language", "")
    if is_language(wanted):
        keep_language(request, response, wanted)
    return response
