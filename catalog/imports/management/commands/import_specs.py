from __future__ import annotations

import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from catalog.apis.actions import give_api
from catalog.apis.models import Api, ApiVersion
from catalog.imports import work
from catalog.imports.actions import Wanted, request_import
from catalog.imports.models import ImportDocument, ImportJob
from catalog.specs import actions
from catalog.specs.models import SpecRevision
from catalog.specs.sources import sources_of
from portal.access.actors import SYSTEM
from portal.accounts.models import User
from portal.errors import Refused

LINE = "{position:>5}  {grade:<2} {operations:>5}  {name}{note}"
Status, Kind = ImportDocument.Status, ImportDocument.Kind


class Command(BaseCommand):
    help = "Read API descriptions from files, folders and addresses into the catalog."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("places", nargs="+", metavar="PATH_OR_URL")
        parser.add_argument("--publish", action="store_true", help="publish each version read")
        parser.add_argument(
            "--owner",
            metavar="EMAIL",
            help="who on the staff answers for each API that nobody answers for yet",
        )
        parser.add_argument(
            "--workers", type=int, default=1, help="how many documents are read at a time"
        )

    def handle(
        self,
        *_: Any,
        places: list[str],
        publish: bool,
        owner: str | None,
        workers: int,
        **__: Any,
    ) -> None:
        self.owner = _staff_member(owner) if owner else None
        self.grades: Counter[str] = Counter()
        self.operation_count = 0
        began = time.monotonic()
        self.stdout.write("       grade ops  document")
        job, _secret = request_import(
            self._wanted(places), by=SYSTEM, origin=ImportJob.Origin.COMMAND, name=places[0]
        )
        if workers == 1:
            self._follow(job, publish=publish, work_on_next=lambda: work.work_on_next(job=job))
        else:
            with ThreadPoolExecutor(workers) as pool:
                for _number in range(workers):
                    pool.submit(_work_through, job)
                self._follow(job, publish=publish, work_on_next=lambda: False)
        told = ", ".join(f"{grade} {self.grades[grade]}" for grade in "ABCDF" if self.grades[grade])
        self.stdout.write(
            f"{self.grades.total()} documents, {self.operation_count} operations in "
            f"{time.monotonic() - began:.1f} s. Grades: {told or 'none'}. "
            f"Not read: {self.grades['-']}."
        )

    def _wanted(self, places: list[str]) -> Iterator[Wanted]:
        """Yield what can be opened; what cannot gets its line at once."""
        for source in sources_of(places):
            if source.path is None:
                yield Wanted(name=source.name, url=source.name, kind=Kind.ADDRESS)
                continue
            try:
                yield Wanted(name=source.name, body=source.read(), slug=source.slug or "")
            except Refused as refusal:
                self._tell(source.name, "-", 0, f"{refusal.code}: {refusal}")

    def _follow(self, job: ImportJob, *, publish: bool, work_on_next: Any) -> None:
        """Give each document its line as it ends, whichever worker read it."""
        told: set[int] = set()
        while True:
            is_open = job.documents.open().exists()
            has_worked = is_open and work_on_next()
            ended = job.documents.exclude(status__in=ImportDocument.OPEN).exclude(pk__in=told)
            rows = ended.select_related("revision__version__api").defer("body", "revision__raw")
            for document in rows.order_by("ended_at", "pk"):
                told.add(document.pk)
                self._tell_of(document, publish=publish)
            if not is_open:
                return
            if not has_worked:
                time.sleep(0.1)

    def _tell_of(self, document: ImportDocument, *, publish: bool) -> None:
        revision = document.revision
        if revision is None or document.status == Status.REFUSED:
            self._tell(document.name, "-", 0, f"{document.reason_code}: {document.reason}")
            return
        notes = ["unchanged"] if document.status == Status.UNCHANGED else []
        if self.owner is not None and revision.version is not None:
            _hand_over(revision.version.api, self.owner)
        notes += [_publish(revision)] if publish else []
        note = ", ".join(filter(None, notes))
        self._tell(document.name, revision.grade, revision.operation_count, note)

    def _tell(self, name: str, grade: str, operations: int, note: str) -> None:
        self.grades[grade] += 1
        self.operation_count += operations
        line = LINE.format(
            position=self.grades.total(),
            grade=grade,
            operations=operations,
            name=name,
            note=f"  {note}" if note else "",
        )
        self.stdout.write(line)
        self.stdout.flush()


def _work_through(job: ImportJob) -> None:
    try:
        while work.work_on_next(job=job):
            pass
    finally:
        connection.close()


def _staff_member(email: str) -> User:
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None or not person.staff_roles.exists():
        raise CommandError(f"Nobody on the staff has the address {email}.")
    return person


def _hand_over(api: Api, person: User) -> None:
    if api.owner_id is None:
        give_api(api, by=SYSTEM, to=person)


def _publish(revision: SpecRevision) -> str:
    version = revision.version
    if version is None or version.status != ApiVersion.Status.DRAFT:
        return ""
    try:
        actions.publish_version(version, by=SYSTEM)
    except Refused as refusal:
        return f"not published: {refusal}"
    return ""
