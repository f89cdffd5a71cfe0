from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from catalog.specs import reports
from catalog.specs.reading import read_description
from catalog.specs.sources import sources_of
from portal.errors import Refused


class Command(BaseCommand):
    help = "Check one API description against the rules; exit 1 when an error is found."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--format", choices=["text", "json", "sarif"], default="text")

    def handle(self, *_: Any, file: str, format: str, **__: Any) -> None:  # noqa: A002 - the option's name
        try:
            source = next(iter(sources_of([file])), None)
            raw = source.read() if source else b""
            description = read_description(raw, max_bytes=settings.SPEC_MAX_BYTES)
        except Refused as refusal:
            report = reports.of_refusal(file, refusal)
        else:
            report = reports.of_description(file, description)
        if format == "text":
            self.stdout.write(reports.as_text(report))
        else:
            made = report.as_json() if format == "json" else reports.as_sarif(report)
            self.stdout.write(json.dumps(made, indent=2, ensure_ascii=False))
        if report.has_errors:
            sys.exit(1)
