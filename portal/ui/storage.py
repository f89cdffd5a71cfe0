"""Static files with names that change with their content, and the whole style in one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLE = "css/portal.css"
IMPORT = re.compile(r'@import url\("([^"]+)"\);\n')


class BundledStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # ships no types
    """Put the files that `portal.css` imports into it, so that a first visit asks once."""

    def post_process(
        self,
        paths: dict[str, Any],
        dry_run: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **options: Any,
    ) -> Iterator[Any]:
        if STYLE in paths and not dry_run:
            paths[STYLE] = (self._bundled(paths), STYLE)
        yield from super().post_process(paths, dry_run, **options)

    def _bundled(self, paths: dict[str, Any]) -> InMemoryStorage:
        folder = STYLE.rpartition("/")[0]

        def content(path: str) -> str:
            storage, name = paths[path]
            with storage.open(name) as source:
                return str(source.read().decode())

        style = IMPORT.sub(lambda found: content(f"{folder}/{found[1]}"), content(STYLE))
        memory = InMemoryStorage()
        memory.save(STYLE, ContentFile(style.encode()))
        return memory
