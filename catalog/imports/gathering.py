"""What is fetched for an import: an address, or a folder of a git repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from catalog.imports import git
from catalog.imports.actions import Wanted
from catalog.imports.models import Source
from catalog.specs.naming import slug_of_file
from catalog.specs.sources import SUFFIXES, printable
from portal.outbound import Fetched, Known, fetch

FETCH_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Folder:
    documents: Sequence[Wanted]
    commit: str

    def remember(self, source: Source) -> None:
        _remember(source, etag=self.commit)


def address(url: str, source: Source | None) -> Fetched:
    """Fetch it; of a source that is read again, only what changed since."""
    known = Known(source.etag, source.last_modified) if source else None
    return fetch(url, max_bytes=settings.SPEC_MAX_BYTES, timeout=FETCH_SECONDS, known=known)


def remember(source: Source, fetched: Fetched) -> None:
    _remember(source, etag=fetched.etag[:300], last_modified=fetched.last_modified[:80])


def folder(url: str, source: Source | None) -> Folder | None:
    """Return the descriptions of a repository, or None where its newest commit is the known one."""
    branch, place = (source.branch, source.folder) if source else ("", "")
    commit = git.newest_commit(url, branch=branch)
    if source is not None and source.etag == commit:
        return None
    files = git.files(url, branch=branch, folder=place, suffixes=SUFFIXES)
    documents = [
        Wanted(
            name=printable(one.path),
            body=one.body,
            slug=slug_of_file(one.path.rpartition("/")[2].rpartition(".")[0]) or "",
        )
        for one in files
    ]
    return Folder(documents, commit)


def _remember(source: Source, **said: str) -> None:
    """Keep what the place said of its content, once that was read."""
    Source.objects.filter(pk=source.pk).update(**said)
