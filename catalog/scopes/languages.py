"""The vocabulary in other languages: part of each version, as customers agreed to those words.

`translations` of a row holds, for a language, the same words under the same names. What is not
translated whole is said in English, and whoever shows it says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

# The language that every version has.
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words and the language that they are in."""

    words: Mapping[str, Any]
    language: str

    def __getitem__(self, name: str) -> Any:
        return self.words[name]


def label_of(label: str, translations: Mapping[str, Mapping[str, Any]]) -> str:
    return str(spoken({"label": label}, translations)["label"])


def spoken(words: Mapping[str, Any], translations: Mapping[str, Mapping[str, Any]]) -> Spoken:
    """Return the words in the language that is spoken now, or in English."""
    language = (get_language() or FALLBACK).partition("-")[0]
    translated = translations.get(language, {})
    if all(translated.get(name) or not words[name] for name in words):
        return Spoken({name: translated.get(name, words[name]) for name in words}, language)
    return Spoken(words, FALLBACK)


def as_sorted(label: str) -> str:
    """Return what a label is put in order by: neither case nor accents move it."""
    plain = unicodedata.normalize("NFKD", label)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()
