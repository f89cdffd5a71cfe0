from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.specs.parser import AUDIENCES
from catalog.specs.template import DEPTHS, Beginning, TemplateInvalid, template


class Command(BaseCommand):
    help = "Print the description of a new API, to start from: it keeps every rule."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--contact", required=True, help="An e-mail address or a page.")
        parser.add_argument(
            "--thing",
            action="append",
            required=True,
            help="What it is about, in the plural; once for each.",
        )
        parser.add_argument("--audience", choices=AUDIENCES, default="partner")
        parser.add_argument("--data", choices=DEPTHS, default="personal", help="How deep it goes.")

    def handle(self, *_: Any, **options: Any) -> None:
        beginning = Beginning(
            name=options["name"],
            contact=options["contact"],
            things=options["thing"],
            audience=options["audience"],
            depth=options["data"],
        )
        try:
            text = template(beginning, issuer=settings.ISSUER)
        except TemplateInvalid as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(text, ending="")
