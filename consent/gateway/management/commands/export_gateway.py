from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from consent.gateway.export import nginx


class Command(BaseCommand):
    help = "Prints the configuration of a gateway that asks the portal about each call."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=["nginx"])
        parser.add_argument("--listen", default="8080", help="where the gateway answers")

    def handle(self, *args: Any, listen: str, **options: Any) -> None:  # noqa: ARG002 - Django's
        portal = urlsplit(settings.ISSUER).netloc
        block = nginx.server_block(listen=listen, portal=portal, gateway_key=settings.GATEWAY_KEY)
        self.stdout.write(block)
