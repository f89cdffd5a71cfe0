"""The end of an account: nobody signs in to it any more, and later nobody can tell whose it was."""

from __future__ import annotations

from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from portal.access.actors import Actor
from portal.accounts.actions import note
from portal.accounts.events import AccountEvent
from portal.accounts.models import User
from portal.errors import NotAllowed
from portal.events import people


@transaction.atomic
def freeze(user: User, *, by: Actor) -> None:
    """End every session, and let no other begin. Calls for this person are refused from now on."""
    if by.person_id != user.pk:
        raise NotAllowed("Only you can close your own account.")
    User.objects.filter(pk=user.pk).update(is_active=False)
    end_sessions(user)
    note(user, AccountEvent.CLOSED)


def end_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def forget_ways_to_sign_in(user: User) -> None:
    end_sessions(user)
    Authenticator.objects.filter(user=user).delete()


@transaction.atomic
def erase(user: User) -> None:
    """Empty the account; the row stays, since other rows point at it, and says nothing.

    The log keeps that it happened. Afterwards nobody can tell which person of the log this was.
    """
    note(user, AccountEvent.ERASED)
    forget_ways_to_sign_in(user)
    EmailAddress.objects.filter(user=user).delete()
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(
        email=f"{uuid4().hex}@erased.invalid",
        name="",
        password=user.password,
        locale="",
        time_zone="UTC",
        last_login=None,
        joined_at=timezone.now(),
    )
    people.shred(user.pk)
