from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.keys import actions
from portal.access.actors import SYSTEM
from portal.errors import NotFound


class Command(BaseCommand):
    help = "Gives up a signing key that somebody else may have: nothing it signed counts any more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kid", help="as in /oauth/jwks")
        parser.add_argument("--reason", default="not said", help="for the audit log")

    def handle(self, *args: Any, kid: str, reason: str, **options: Any) -> None:  # noqa: ARG002 - Django's
        try:
            actions.compromise(kid, by=SYSTEM, reason=reason)
        except NotFound as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{kid} is out of the JWKS; the next key signs.")
