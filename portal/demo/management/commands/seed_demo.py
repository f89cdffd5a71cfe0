from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.accounts.models import User
from portal.demo import world


class Command(BaseCommand):
    help = "Builds the demo world once; a second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if not settings.DEMO:
            raise CommandError("The demo world is for the demo only: PORTAL_DEMO is not set.")
        if User.objects.filter(email=world.AMARA).exists():
            return
        with transaction.atomic():
            world.build(os.environ["PORTAL_DEMO_PASSWORD"])
