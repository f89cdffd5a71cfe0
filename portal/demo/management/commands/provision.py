from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.demo.provision import provision, read
from portal.errors import Refused


class Command(BaseCommand):
    help = "Brings the portal to what a JSON file declares; a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, and change nothing"
        )

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:  # noqa: ARG002 - Django's
        try:
            changes = provision(read(file.read_text(encoding="utf-8")), is_trial=dry_run)
        except (OSError, UnicodeError) as error:
            raise CommandError(f"{file} cannot be read.") from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        for line in changes:
            self.stdout.write(line)
        said = "would change" if dry_run else "changed"
        self.stdout.write(f"{len(changes)} {said}." if changes else "Nothing to change.")
