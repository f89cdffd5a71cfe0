"""One description from its bytes to its grade."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.scopes.vocabulary import VocabularyInvalid, read_vocabulary
from catalog.specs.grade import Grading, grade
from catalog.specs.loader import load
from catalog.specs.parser import ParsedApi, parse
from catalog.specs.rules import Found


@dataclass(frozen=True, slots=True)
class Description:
    format: str
    api: ParsedApi
    grading: Grading


def read_description(raw: bytes, *, max_bytes: int) -> Description:
    """Load, parse and grade. Raises `Unreadable` where no API can be read from the bytes."""
    loaded = load(raw, max_bytes=max_bytes)
    api = parse(loaded.document)
    known = list(loaded.findings)
    if api.vocabulary is not None:
        try:
            read_vocabulary(api.vocabulary)
        except VocabularyInvalid as error:
            known.append(Found("x-portal-invalid", "/x-portal", str(error)))
            api = replace(api, vocabulary=None)
    return Description(loaded.format, api, grade(loaded.document, api, known=known))
