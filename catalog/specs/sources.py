"""Where descriptions come from: files, folders and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from catalog.specs.naming import slug_of_file
from portal.errors import Refused, TooLarge
from portal.outbound import fetch

SUFFIXES = frozenset({".json", ".yaml", ".yml", ".graphql", ".graphqls", ".gql", ".proto"})
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


class NotReadable(Refused):
    code = "not_readable"


@dataclass(frozen=True, slots=True)
class Source:
    """`slug` is the API's where the name of the file tells it, as in `vendor__api__version`."""

    name: str
    path: Path | None = None
    slug: str | None = None

    def read(self) -> bytes:
        """Return the bytes; raises `Refused` where there are none, or too many."""
        if self.path is None:
            return fetch(self.name, max_bytes=settings.SPEC_MAX_BYTES, timeout=30).body
        try:
            if not self.path.is_file():  # A pipe would be waited for, a device has no end.
                self.path.stat()
                raise NotReadable("This is no file.")
            with self.path.open("rb") as file:
                raw = file.read(settings.SPEC_MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "it cannot be read").lower()
            raise NotReadable(f"The file could not be opened: {reason}.") from error
        if len(raw) > settings.SPEC_MAX_BYTES:
            raise TooLarge(f"The file is larger than {settings.SPEC_MAX_BYTES:,} bytes.")
        return raw


def sources_of(places: list[str]) -> Iterator[Source]:
    """Yield each file of each place; a folder is searched for descriptions, all the way down."""
    for place in places:
        if _ADDRESS.match(place):
            yield Source(place)
            continue
        path = Path(place)
        if "\x00" not in place and path.is_dir():
            found = (one for one in sorted(path.rglob("*")) if one.suffix.lower() in SUFFIXES)
            for one in found:
                if not one.is_dir():
                    name = printable(one.relative_to(path).as_posix())
                    yield Source(name, one, slug_of_file(one.stem))
        else:
            yield Source(printable(path.name), path, slug_of_file(path.stem))


def printable(name: str) -> str:
    """Return a file's name as it can be shown and kept; a system allows what is no text."""
    text = name.encode(errors="surrogateescape").decode(errors="replace")
    return "".join(one if one.isprintable() else "�" for one in text)
