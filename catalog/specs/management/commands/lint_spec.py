from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.rules.agreed import MAX_BYTES, Agreed, read_agreed
from catalog.rules.rulebook import ERROR, WARNING
from catalog.specs import reports
from catalog.specs.reading import read_description
from catalog.specs.reports import Report
from catalog.specs.sarif import as_sarif
from catalog.specs.sources import sources_of
from portal.errors import Refused


class Command(BaseCommand):
    help = (
        "Check one API description against the rules. Exits 0 where all is well, 1 on an error or a"
        " file that cannot be read, 2 where the command itself was not understood."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--format", choices=["text", "json", "sarif"], default="text")
        parser.add_argument("--overrides", metavar="FILE", help="Rules that count otherwise here.")
        parser.add_argument(
            "--fail-on",
            choices=[ERROR, WARNING, "never"],
            default=ERROR,
            help="From which level on the exit is 1.",
        )

    def handle(self, *_: Any, file: str, **options: Any) -> None:
        report = _report(file, _agreed(options["overrides"]))
        if options["format"] == "text":
            self.stdout.write(reports.as_text(report))
        else:
            is_json = options["format"] == "json"
            made = report.as_json() if is_json else as_sarif(report, base=settings.ISSUER)
            self.stdout.write(json.dumps(made, indent=2, ensure_ascii=False))
        if report.fails(on=options["fail_on"]):
            sys.exit(1)


def _report(file: str, agreed: Agreed) -> Report:
    try:
        source = next(iter(sources_of([file])), None)
        raw = source.read() if source else b""
        description = read_description(raw, max_bytes=settings.SPEC_MAX_BYTES)
    except Refused as refusal:
        return reports.of_refusal(file, refusal)
    return reports.of_description(file, description, agreed=agreed)


def _agreed(name: str | None) -> Agreed:
    if name is None:
        return Agreed()
    try:
        with Path(name).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        return read_agreed(raw, today=timezone.now().date())
    except (OSError, ValueError, Refused) as error:
        raise CommandError(f"{name}: {error}", returncode=2) from error
