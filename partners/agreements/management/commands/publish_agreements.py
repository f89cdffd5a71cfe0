from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from partners.agreements import library
from partners.agreements.actions import publish_agreement
from portal.access.actors import SYSTEM


class Command(BaseCommand):
    help = "Publish agreements: those of the portal, or the given files. What is known stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path)

    def handle(self, *_args: Any, files: list[Path], **_options: Any) -> None:
        read = [json.loads(path.read_text(encoding="utf-8")) for path in files]
        for document in read or library.documents():
            version = publish_agreement(document, by=SYSTEM)
            self.stdout.write(f"{version}, binding from {version.binding_at:%-d %B %Y, %H:%M} UTC")
