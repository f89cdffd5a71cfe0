"""Which part of the portal a person is at home in."""

from __future__ import annotations

from enum import StrEnum

from portal.accounts.models import StaffRole, User
from portal.errors import NotAllowed


class Area(StrEnum):
    CONSOLE = "console"
    DEVELOPER = "developer"
    CUSTOMER = "customer"


FRONT_DOORS = {Area.CONSOLE: "/console/", Area.DEVELOPER: "/home/", Area.CUSTOMER: "/me/apps/"}


class AccountInUse(NotAllowed):
    """One account is one thing: who decides about partners, or is asked by them, is none."""

    code = "account_in_use"


def area_of(user: User) -> Area:
    """Return where a person works; who is nothing yet is on the way to becoming a partner."""
    if StaffRole.objects.filter(user=user).exists():
        return Area.CONSOLE
    # Slices above hang these two on the person.
    if user.memberships.exists():
        return Area.DEVELOPER
    return Area.CUSTOMER if hasattr(user, "customer") else Area.DEVELOPER
