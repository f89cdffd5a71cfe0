"""Who may see a page at all; what they may do there is for the actions to say."""

# ruff: noqa: TID251 - a guard answers in the view's place

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse

from portal.access.permissions import Permission, require
from portal.ui.requests import Request

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponse]


def signed_in(view: View[P]) -> View[P]:
    """Send a visitor to the sign-in page, and back here afterwards."""

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.actor.is_known:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def staff_only(permission: Permission | None = None) -> Callable[[View[P]], View[P]]:
    """Hide a console page from everybody but staff, and keep it to the roles that may."""

    def guard(view: View[P]) -> View[P]:
        @signed_in
        @wraps(view)
        def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.actor.is_staff:
                raise Http404
            if permission is not None:
                require(request.actor, permission)
            return view(request, *args, **kwargs)

        return guarded

    return guard
