from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.apis.models import ApiVersion
from catalog.specs.models import SpecRevision
from catalog.specs.registry import drift_of, lines


class Command(BaseCommand):
    help = "Compare what scopes reveal with the API descriptions; exit 1 where they differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true", help="Print the registry as well.")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *_: Any, **options: Any) -> None:
        described = ApiVersion.objects.filter(revisions__status=SpecRevision.Status.CURRENT)
        versions = described.exclude(status=ApiVersion.Status.SUNSET).select_related("api")
        found = [
            (version, drift)
            for version in versions.order_by("api__slug", "label").distinct()
            for drift in drift_of(version)
        ]
        listed = list(lines()) if options["list"] else []
        if options["format"] == "json":
            drifts = [{"version": str(version), **asdict(drift)} for version, drift in found]
            said = {"registry": [asdict(line) for line in listed], "drift": drifts}
            self.stdout.write(json.dumps(said, indent=2))
        else:
            for line in listed:
                self.stdout.write(
                    f"{line.scope} → {line.cluster} → “{line.permission}” → {line.operation_key}"
                    f" {line.field} · {', '.join(line.purposes)} · {line.max_retention_days} days"
                )
            for version, drift in found:
                self.stdout.write(f"{version}: {drift.code} {drift.place}: {drift.message}")
        if found:
            raise CommandError(f"{len(found)} places differ.")
