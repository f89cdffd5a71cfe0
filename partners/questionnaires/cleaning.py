"""What a form or a program sends as an answer, turned into the value that is kept, or refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from partners.organizations.countries import NAME_OF
from partners.questionnaires.values import AGREED, Kind, Value, WrongAnswer

if TYPE_CHECKING:
    from partners.questionnaires.content import Question

MAX_TEXT = 2000
MAX_LINE = 200
MAX_NUMBER = 1_000_000
MAX_RECORDS = 20
MAX_FILES = 20
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,64}")


def texts_of(value: object) -> list[str]:
    """Return a value as a form sends it: one text for each choice, row or record."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [f"{row}={choice}" for row, choice in value.items()]
    if isinstance(value, list | tuple):
        return [
            json.dumps(dict(item)) if isinstance(item, Mapping) else str(item) for item in value
        ]
    return [str(value)]


def posted(question: Question, post: Any) -> list[str]:
    """Return what a form holds for a question: `key`, or `key.row`, or `key.place.column`."""
    key = question.key
    if question.kind == Kind.TABLE:
        chosen = [(row.key, post.get(f"{key}.{row.key}")) for row in question.rows]
        return [f"{row}={choice}" for row, choice in chosen if choice]
    if question.kind == Kind.RECORDS:
        records = [
            {
                column.key: text
                for column in question.columns
                if (text := post.get(f"{key}.{place}.{column.key}", "").strip())
            }
            for place in range(MAX_RECORDS)
        ]
        return [json.dumps(record) for record in records if record]
    return list(post.getlist(key))


def clean(question: Question, given: Sequence[str]) -> Value | None:
    """Return the typed value; None when nothing was given. Raise `WrongAnswer` with the reason."""
    given = [text.strip().replace("\r\n", "\n") for text in given if text.strip()]
    if not given:
        return None
    if any("\x00" in text for text in given):
        raise WrongAnswer("Leave out the NUL character.")
    if question.kind in _MANY:
        return _MANY[question.kind](question, given)
    if len(given) > 1:
        raise WrongAnswer("Give one answer.")
    return _ONE[question.kind](question, given[0])


def _choices(question: Question, given: Sequence[str]) -> Value:
    if not question.options.issuperset(given):
        raise WrongAnswer("Choose from the list.")
    return [choice.key for choice in question.choices if choice.key in given]


def _countries(_question: Question, given: Sequence[str]) -> Value:
    if not NAME_OF.keys() >= set(given):
        raise WrongAnswer("Choose countries from the list.")
    return sorted(set(given))


def _table(question: Question, given: Sequence[str]) -> Value:
    chosen = {row: choice for row, _, choice in (text.partition("=") for text in given)}
    rows = [row.key for row in question.rows]
    if not set(rows) >= chosen.keys() or not question.options.issuperset(chosen.values()):
        raise WrongAnswer("Choose one answer for each row.")
    if missing := [row.label for row in question.rows if row.key not in chosen]:
        raise WrongAnswer(f"Choose an answer for: {', '.join(missing)}.")
    return {row: chosen[row] for row in rows}


def _records(question: Question, given: Sequence[str]) -> Value:
    columns = {column.key: column.label for column in question.columns}
    records: list[dict[str, str]] = []
    for text in given[: MAX_RECORDS + 1]:
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or not all(isinstance(t, str) for t in record.values()):
            raise WrongAnswer("Give each entry as its columns.")
        if not columns.keys() >= record.keys():
            raise WrongAnswer("Use the columns of this question.")
        kept = {key: record[key].strip() for key in columns if record.get(key, "").strip()}
        if missing := [label for key, label in columns.items() if key not in kept]:
            raise WrongAnswer(f"Each entry needs: {', '.join(missing)}.")
        if any(len(cell) > MAX_LINE or "\x00" in cell for cell in kept.values()):
            raise WrongAnswer(f"Use at most {MAX_LINE} plain characters in each field.")
        records.append(kept)
    if len(records) > MAX_RECORDS:
        raise WrongAnswer(f"Give at most {MAX_RECORDS} entries.")
    return records


def _files(_question: Question, given: Sequence[str]) -> Value:
    if len(given) > MAX_FILES or not all(_REFERENCE.fullmatch(text) for text in given):
        raise WrongAnswer("Choose files from your evidence.")
    return list(dict.fromkeys(given))


def _choice(question: Question, text: str) -> Value:
    if text not in question.options:
        raise WrongAnswer("Choose from the list.")
    return text


def _number(_question: Question, text: str) -> Value:
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) > MAX_NUMBER:
        raise WrongAnswer(f"Give a whole number from 0 to {MAX_NUMBER}.")
    return int(text)


def _date(_question: Question, text: str) -> Value:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not 2000 <= day.year < 2100:
        raise WrongAnswer("Give a date, such as 2027-03-31.")
    return day.isoformat()


def _email(_question: Question, text: str) -> Value:
    if not _EMAIL.fullmatch(text):
        raise WrongAnswer("Give an e-mail address, such as security@company.example.")
    return _short(text)


def _url(_question: Question, text: str) -> Value:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname or re.search(r"[\s<>\"\\]", text):
        raise WrongAnswer("Give a web address that begins with https://.")
    return _short(text, MAX_TEXT)


def _short(text: str, limit: int = MAX_LINE) -> str:
    if len(text) > limit:
        raise WrongAnswer(f"Use at most {limit} characters.")
    return text


def _attestation(_question: Question, text: str) -> Value:
    if text != AGREED:
        raise WrongAnswer("Confirm it, or leave it open.")
    return text


_MANY: dict[Kind, Callable[[Question, Sequence[str]], Value]] = {
    Kind.CHOICES: _choices,
    Kind.COUNTRIES: _countries,
    Kind.TABLE: _table,
    Kind.RECORDS: _records,
    Kind.FILES: _files,
}
_ONE: dict[Kind, Callable[[Question, str], Value]] = {
    Kind.CHOICE: _choice,
    Kind.TEXT: lambda _question, text: _short(text),
    Kind.LONG_TEXT: lambda _question, text: _short(text, MAX_TEXT),
    Kind.EMAIL: _email,
    Kind.URL: _url,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.ATTESTATION: _attestation,
}
