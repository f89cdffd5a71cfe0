from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any, cast

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from portal.access.actors import Actor
from portal.accounts.languages import is_spoken, language_of
from portal.accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]


class PreferencesMiddleware:
    """Show times in the reader's zone and words in the reader's language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self._in_zone(request)
        if is_spoken(request.path):
            patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", language)
        return response

    def _in_zone(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        try:
            zone = zoneinfo.ZoneInfo(user.time_zone)
        except (ValueError, zoneinfo.ZoneInfoNotFoundError):
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)


class SecondFactorMiddleware:
    """Let staff do nothing but set up a second factor until they have one."""

    factors = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    always_open = frozenset({"account_logout", "account_reauthenticate", "language", "theme"})

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        if not settings.STAFF_NEED_SECOND_FACTOR or not request.user.is_authenticated:
            return None
        page = (request.resolver_match and request.resolver_match.url_name) or ""
        if page.startswith("mfa_") or page in self.always_open:
            return None
        actor = cast("Actor", request.actor)  # type: ignore[attr-defined] # set by ActorMiddleware
        if not actor.is_staff or self._is_enrolled(actor):
            return None
        return redirect("mfa_index")

    def _is_enrolled(self, actor: Actor) -> bool:
        enrolled = Authenticator.objects.filter(user_id=actor.person_id, type__in=self.factors)
        return bool(enrolled.exists())
