"""Who may do what is worth stealing a session for."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from allauth.account.decorators import reauthentication_required

P = ParamSpec("P")
R = TypeVar("R")


def recent_login(view: Callable[P, R]) -> Callable[P, R]:
    """Ask for the password or passkey again when the last time is more than 15 minutes ago.

    The request is kept and goes on afterwards, a posted form included.
    """
    return cast("Callable[P, R]", reauthentication_required(view))
