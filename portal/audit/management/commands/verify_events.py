from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit.protection import weaknesses
from portal.audit.verification import verify


class Command(BaseCommand):
    help = "Recompute all seals. Exits 1 and names the first broken record, or what is unprotected."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="a root that was kept elsewhere and must be in the chain"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        report = verify(head=options["head"])
        self.stdout.write(f"{report.seal_count} seals over {report.event_count} events.")
        self.stdout.write(f"Head: {report.head}")
        if report.unsealed_since is not None:
            since = report.unsealed_since.isoformat(timespec="seconds")
            self.stdout.write(f"Not sealed yet: {report.unsealed_count} events, since {since}.")
        problems = [str(report.first_break)] if report.first_break else []
        problems += weaknesses()
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write("Every sealed event is as it was.")
