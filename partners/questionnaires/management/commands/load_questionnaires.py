from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from partners.questionnaires import library, publishing
from portal.access.actors import SYSTEM


class Command(BaseCommand):
    help = "Publish the questionnaires that come with the portal; what is known stays as it is."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for document in library.documents():
            self.stdout.write(f"{publishing.publish_template(document, by=SYSTEM)}")
