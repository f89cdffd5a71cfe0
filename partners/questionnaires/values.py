"""The kinds of question, and what an answer to each of them is."""

from __future__ import annotations

from enum import StrEnum

# Text, a date as ISO 8601, a number, keys of choices, a choice for each row, a list of records.
Value = str | int | list[str] | dict[str, str] | list[dict[str, str]]


class Kind(StrEnum):
    CHOICE = "choice"
    CHOICES = "choices"
    TEXT = "text"
    LONG_TEXT = "long_text"
    EMAIL = "email"
    URL = "url"
    NUMBER = "number"
    DATE = "date"
    COUNTRIES = "countries"
    TABLE = "table"
    RECORDS = "records"
    FILES = "files"
    ATTESTATION = "attestation"


# What a condition may be held to; of everything else one asks only whether it is answered.
TAKES = {
    Kind.CHOICE: "one",
    Kind.ATTESTATION: "one",
    Kind.CHOICES: "many",
    Kind.COUNTRIES: "many",
    Kind.NUMBER: "number",
    Kind.DATE: "date",
}
AGREED = "agreed"


class WrongAnswer(ValueError):
    """An answer that the question cannot take; the message is for the person who gave it."""
