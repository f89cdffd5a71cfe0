from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.access.actors import SYSTEM
from portal.accounts import actions
from portal.accounts.management import staff
from portal.errors import Refused


class Command(BaseCommand):
    help = "Makes a person staff, or staff in one more role."

    def add_arguments(self, parser: ArgumentParser) -> None:
        staff.add_arguments(parser)

    def handle(self, *args: Any, email: str, role: str, **options: Any) -> None:  # noqa: ARG002 - Django's
        user = staff.find(email)
        try:
            changed = actions.give_role(user, staff.role_of(role), by=SYSTEM)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user} is now {role}." if changed else f"{user} was {role} before.")
