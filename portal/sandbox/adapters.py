from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from portal.accounts.models import User
from portal.notifications.adapters import MailingAccountAdapter
from portal.sandbox.starting import begin


class StartingAccountAdapter(MailingAccountAdapter):
    """Lets who signs up to build begin at once; who came for something else goes on to that."""

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        if how["signup"] and not how["redirect_url"]:
            begin(request, user)
        return super().post_login(request, user, **how)

    def get_signup_redirect_url(self, _request: HttpRequest) -> str:
        return reverse("sandbox:first_call")
