"""Who may do what is worth stealing a session for."""

# ruff: noqa: TID251 - it is about requests and their sessions

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest

P = ParamSpec("P")
R = TypeVar("R")


def recent_login(view: Callable[P, R]) -> Callable[P, R]:
    """Ask for the password or passkey again when the last time is more than 15 minutes ago.

    The request is kept and goes on afterwards, a posted form included.
    """
    return cast("Callable[P, R]", reauthentication_required(view))


def signed_in_at(request: HttpRequest) -> datetime | None:
    """Return when this person last proved who they are, as the session remembers it."""
    records = get_authentication_records(request, request.user)
    moments = [record["at"] for record in records]
    return datetime.fromtimestamp(max(moments), UTC) if moments else None
