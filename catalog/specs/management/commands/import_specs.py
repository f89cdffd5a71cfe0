from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand

from catalog.apis.models import ApiVersion
from catalog.specs import actions
from catalog.specs.models import SpecRevision
from catalog.specs.sources import Source, sources_of
from portal.access.actors import SYSTEM, Actor
from portal.errors import Refused

LINE = "{position:>5}  {grade:<2} {operations:>5}  {seconds:>5.1f}s  {name}{note}"


class Command(BaseCommand):
    help = "Read API descriptions from files, folders and addresses into the catalog."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("places", nargs="+", metavar="PATH_OR_URL")
        parser.add_argument("--publish", action="store_true", help="publish each version read")

    def handle(self, *_: Any, places: list[str], publish: bool, **__: Any) -> None:
        grades: Counter[str] = Counter()
        operation_count = 0
        began = monotonic()
        self.stdout.write("       grade ops   time  document")
        for position, source in enumerate(sources_of(places), start=1):
            started = monotonic()
            grade, operations, note = self._read(source, publish=publish)
            grades[grade] += 1
            operation_count += operations
            self.stdout.write(
                LINE.format(
                    position=position,
                    grade=grade,
                    operations=operations,
                    seconds=monotonic() - started,
                    name=source.name,
                    note=f"  {note}" if note else "",
                )
            )
            self.stdout.flush()
        told = ", ".join(f"{grade} {grades[grade]}" for grade in "ABCDF" if grades[grade])
        self.stdout.write(
            f"{grades.total()} documents, {operation_count} operations in "
            f"{monotonic() - began:.1f} s. Grades: {told or 'none'}. "
            f"Not read: {grades['-']}."
        )

    def _read(self, source: Source, *, publish: bool) -> tuple[str, int, str]:
        """Import one document; whatever is wrong with it becomes its line."""
        try:
            revision = actions.import_document(
                source.read(), by=SYSTEM, source=source.name, slug=source.slug
            )
            if revision.status == SpecRevision.Status.REJECTED:
                return "-", 0, f"{revision.reason_code}: {revision.reason}"
            note = _publish(revision, by=SYSTEM) if publish else ""
        except Refused as refusal:
            return "-", 0, f"{refusal.code}: {refusal}"
        return revision.grade, revision.operation_count, note


def _publish(revision: SpecRevision, *, by: Actor) -> str:
    version = revision.version
    if version is None or version.status != ApiVersion.Status.DRAFT:
        return ""
    try:
        actions.publish_version(version, by=by)
    except Refused as refusal:
        return f"not published: {refusal}"
    return ""
