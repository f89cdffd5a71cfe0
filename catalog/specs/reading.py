"""One description from its bytes to its grade."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.rules.rulebook import Found
from catalog.scopes.vocabulary import VocabularyInvalid, read_vocabulary
from catalog.specs.grade import Grading, grade, grade_parts
from catalog.specs.kinds.languages import language_of
from catalog.specs.kinds.reading import breaches, parse_asyncapi, parse_graphql, parse_proto
from catalog.specs.lines import lines_of
from catalog.specs.loader import Loaded, load, text_of
from catalog.specs.parser import ParsedApi, parse


@dataclass(frozen=True, slots=True)
class Description:
    format: str
    api: ParsedApi
    grading: Grading


def read_description(raw: bytes, *, max_bytes: int) -> Description:
    """Load, parse and grade. Raises `Unreadable` where no API can be read from the bytes."""
    if language := language_of(raw):
        return _read_language(raw, language, max_bytes=max_bytes)
    loaded = load(raw, max_bytes=max_bytes)
    if loaded.format.startswith("asyncapi"):
        return _read_asyncapi(loaded, raw)
    api = parse(loaded.document)
    known = list(loaded.findings)
    if api.vocabulary is not None:
        try:
            read_vocabulary(api.vocabulary)
        except VocabularyInvalid as error:
            known.append(Found("x-portal-invalid", "/x-portal", str(error)))
            api = replace(api, vocabulary=None)
    grading = grade(loaded.document, api, known=known)
    return Description(loaded.format, api, located(grading, raw))


def located(grading: Grading, raw: bytes) -> Grading:
    """Say in which line of the document each finding is."""
    lines = lines_of(raw, {found.pointer for found in grading.findings})
    findings = tuple(replace(one, line=lines[one.pointer]) for one in grading.findings)
    return replace(grading, findings=findings)


def _read_language(raw: bytes, language: str, *, max_bytes: int) -> Description:
    findings: list[Found] = []
    text = text_of(raw, max_bytes=max_bytes, findings=findings)
    api = parse_graphql(text) if language == "graphql" else parse_proto(text)
    grading = grade_parts({}, [*findings, *breaches(api)], count=api.operation_count)
    return Description(language, api, grading)


def _read_asyncapi(loaded: Loaded, raw: bytes) -> Description:
    api = parse_asyncapi(loaded.document)
    known = [*loaded.findings, *breaches(api)]
    grading = grade_parts(loaded.document, known, count=api.operation_count)
    return Description(loaded.format, api, located(grading, raw))
