from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.access.actors import SYSTEM
from portal.accounts import actions
from portal.accounts.management import staff


class Command(BaseCommand):
    help = "Ends a role of a member of staff."

    def add_arguments(self, parser: ArgumentParser) -> None:
        staff.add_arguments(parser)

    def handle(self, *args: Any, email: str, role: str, **options: Any) -> None:  # noqa: ARG002 - Django's
        user = staff.find(email)
        changed = actions.take_role(user, staff.role_of(role), by=SYSTEM)
        self.stdout.write(f"{user} is no longer {role}." if changed else f"{user} was not {role}.")
