from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent.receipts import checking, reproduction
from consent.receipts.checking import NoReceipt, Verdict


class Command(BaseCommand):
    help = (
        "Make every receipt again from its version and event, and check its signature; or say"
        " whether the given files are receipts of ours. Exits 1 and names the first that is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="receipts as .json or .jws files")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["files"]:
            self._check(options["files"])
        else:
            self._verify()

    def _check(self, files: list[Path]) -> None:
        for path in files:
            try:
                finding = checking.check(path.read_bytes())
            except (NoReceipt, OSError) as error:
                raise CommandError(f"{path}: {error}") from error
            words = f"{path}: {finding.number} is {finding.verdict}."
            if finding.verdict != Verdict.GENUINE:
                raise CommandError(words)
            proof = "" if finding.is_signed else " Its key was given up; our record holds it."
            self.stdout.write(f"{words}{proof}")

    def _verify(self) -> None:
        report = reproduction.verify()
        self.stdout.write(f"{report.receipt_count} receipts.")
        if report.unproved_count:
            self.stdout.write(f"{report.unproved_count} hold by our record, without a key.")
        if report.first_break:
            raise CommandError(str(report.first_break))
        self.stdout.write("Every receipt follows from its version and its event.")
