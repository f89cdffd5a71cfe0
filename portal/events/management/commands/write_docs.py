from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.events.reference import pages


class Command(BaseCommand):
    help = "Write the documents that the code can write: permissions, states and events."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for name, text in pages().items():
            (settings.BASE_DIR / "docs" / name).write_text(text)
            self.stdout.write(f"docs/{name}")
