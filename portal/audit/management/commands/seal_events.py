from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.audit.sealing import seal_events


class Command(BaseCommand):
    help = "Seal the events that are settled."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"Sealed {seal_events()} events.")
