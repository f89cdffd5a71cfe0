from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.access.actors import STAFF_ROLES, Actor, Role
from portal.access.permissions import Permission, require
from portal.accounts.areas import AccountInUse
from portal.accounts.events import AccountEvent
from portal.accounts.models import StaffRole, User
from portal.errors import Malformed, NotAllowed
from portal.events.log import record


@transaction.atomic
def change_profile(user: User, *, by: Actor, name: str, time_zone: str, locale: str) -> None:
    if by.person_id != user.pk:
        raise NotAllowed("Only you can change your own profile.")
    User.objects.filter(pk=user.pk).update(name=name, time_zone=time_zone, locale=locale)
    note(user, AccountEvent.CHANGED)


@transaction.atomic
def choose_language(user: User, *, by: Actor, locale: str) -> None:
    """Speak to the person in that language, on pages and in mail."""
    if by.person_id != user.pk:
        raise NotAllowed("Only you can change your own language.")
    User.objects.filter(pk=user.pk).update(locale=locale)
    note(user, AccountEvent.CHANGED)


@transaction.atomic
def note(
    user: User,
    event: AccountEvent,
    *,
    methods: Sequence[str] = (),
    session: str = "",
    landed_at: datetime | None = None,
) -> None:
    """Record what a person did to the own account: that it happened and how, never a value.

    `session` is the name of the one session that it is about, as `sessions.name_of` gives it.
    """
    themselves = Actor(id=f"user:{user.pk}", name=str(user), person_id=user.pk)
    about: dict[str, Any] = {"session": session} if session else {}
    if landed_at is not None:
        about["landed_at"] = landed_at.isoformat()
    record(event, user, by=themselves, person_id=user.pk, methods=list(methods), **about)


@transaction.atomic
def give_role(user: User, role: Role, *, by: Actor) -> bool:
    """Let a person act as staff in that role; return whether that is new."""
    require(by, Permission.MANAGE_STAFF)
    if role not in STAFF_ROLES:
        raise Malformed(f"{role} is not a role of staff.")
    # A trigger refuses it as well, whichever way and in whichever order the two come.
    if user.memberships.exists():
        raise AccountInUse(
            "This person belongs to a partner, so they cannot decide about partners. They sign up"
            " with another email address to work here."
        )
    _, is_new = StaffRole.objects.get_or_create(user=user, role=role)
    if is_new:
        record(AccountEvent.ROLE_GIVEN, user, by=by, role=role.value)
    return is_new


@transaction.atomic
def take_role(user: User, role: Role, *, by: Actor) -> bool:
    """End a role from the person's next request on; return whether they had it."""
    require(by, Permission.MANAGE_STAFF)
    taken, _ = StaffRole.objects.filter(user=user, role=role).delete()
    if taken:
        record(AccountEvent.ROLE_TAKEN, user, by=by, role=role.value)
    return bool(taken)
