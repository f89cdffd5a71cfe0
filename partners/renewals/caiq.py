"""A partner's own completed CAIQ: which of our questions it answers, by id alone.

The wording of that questionnaire belongs to others. Nothing of a row is kept but its id, and of the
ids only those that our questions were set beside; “yes” is taken for the least that it can mean.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from partners.questionnaires.carrying import Carried, still_taken
from partners.questionnaires.models import Answer, Assignment
from portal.accounts.models import User
from portal.errors import Malformed

MAX_BYTES = 2_000_000
MAX_ROWS = 2_000
_ID = re.compile(r"[A-Z][A-Z&]{1,3}-[0-9]{2}\.[0-9]{1,2}")
_SAID = {"yes": "yes", "y": "yes", "no": "no", "n": "no", "na": "na", "n/a": "na"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: answers of ours, and the ids that none of our questions was set beside."""

    carried: tuple[Carried, ...]
    unmapped: tuple[str, ...]


def read(body: bytes, assignment: Assignment, *, by: User) -> Reading:
    """Read CSV or JSON; rows without an id and an answer are left alone."""
    said = dict(_rows(_decoded(body)))
    if not said:
        raise Malformed("No row has an id such as IAM-14.1 and an answer.", code="no_answers")
    by_key = assignment.version.content.by_key
    carried, unmapped = [], []
    for control, answer in said.items():
        place = _places().get(control, {})
        question = by_key.get(place.get("question", ""))
        value = still_taken(question, place.get(answer)) if question else None
        if question is None or value is None:
            unmapped.append(control)
            continue
        words = f"your CAIQ, {control}"
        carried.append(Carried(question.key, value, "", Answer.Origin.IMPORTED, words, by))
    return Reading(tuple(carried), tuple(sorted(unmapped)))


def _decoded(body: bytes) -> str:
    if len(body) > MAX_BYTES:
        raise Malformed("The file is larger than 2 MB.", code="file_too_large")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("Save the file as CSV in UTF-8, or as JSON.", code="not_text") from error


def _rows(text: str) -> Iterator[tuple[str, str]]:
    for place, cells in enumerate(_cells(text)):
        if place >= MAX_ROWS:
            raise Malformed(f"The file has more than {MAX_ROWS} rows.", code="too_many_rows")
        control = next((cell for cell in cells if _ID.fullmatch(cell)), "")
        answer = next((_SAID[cell.lower()] for cell in cells if cell.lower() in _SAID), "")
        if control and answer:
            yield control, answer


def _cells(text: str) -> Iterator[list[str]]:
    if text.lstrip()[:1] in {"{", "["}:
        yield from _cells_of_json(text)
        return
    try:
        for row in csv.reader(io.StringIO(text)):
            yield [cell.strip() for cell in row]
    except csv.Error as error:
        raise Malformed("This file is no CSV.", code="not_csv") from error


def _cells_of_json(text: str) -> Iterator[list[str]]:
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("This file is no JSON.", code="not_json") from error
    if isinstance(document, Mapping):
        document = list(document.items())
    for row in document:
        values = row.values() if isinstance(row, Mapping) else row
        if isinstance(values, str | int | float | None):
            continue
        yield [cell.strip() for cell in values if isinstance(cell, str)]


@cache
def _places() -> dict[str, dict[str, str]]:
    text = (files("partners.renewals") / "caiq.json").read_text("utf-8")
    places: dict[str, dict[str, str]] = json.loads(text)
    return places
