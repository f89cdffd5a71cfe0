"""What the two commands about staff share: a person by address, and a role by name."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import CommandError

from portal.access.actors import STAFF_ROLES, Role
from portal.accounts.models import User


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("email")
    parser.add_argument("role", choices=sorted(STAFF_ROLES))


def find(email: str) -> User:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise CommandError("Nobody has signed up with this address.")
    return user


def role_of(name: str) -> Role:
    return Role(name)
