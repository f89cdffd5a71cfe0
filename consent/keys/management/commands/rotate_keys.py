from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from consent.keys import actions
from consent.keys.models import SigningKey
from portal.access.actors import SYSTEM


class Command(BaseCommand):
    help = "Lets the next signing key take over, as soon as every verifier can know it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--algorithm",
            choices=SigningKey.Algorithm.values,
            action="append",
            help="only this one; an algorithm without keys gets them",
        )

    def handle(self, *args: Any, algorithm: list[str] | None, **options: Any) -> None:  # noqa: ARG002 - Django's
        for name in algorithm or actions.in_use():
            key = actions.rotate(name, by=SYSTEM)
            self.stdout.write(
                f"{name}: {key.kid} signs from {key.activated_at:%Y-%m-%d %H:%M} UTC on."
            )
