"""The catalogs of each language: `locale/<language>/LC_MESSAGES/django.po`, and `.mo` beside it."""

from __future__ import annotations

from pathlib import Path

import polib

from tests.translations.sources import ROOT, Phrase, phrases

# CLDR's rules. Django keeps catalogs with other rules, such as its own, apart.
PLURALS = {
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
    "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;",
}


def path_of(language: str, kind: str = "po") -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def read(language: str) -> polib.POFile:
    return polib.pofile(str(path_of(language)), encoding="utf-8", wrapwidth=100)


def update(language: str) -> polib.POFile:
    """Add the phrases that are new, drop those that nobody says any more, and compile."""
    path = path_of(language)
    known = {key_of(entry): entry for entry in read(language)} if path.exists() else {}
    catalog = polib.POFile(encoding="utf-8", wrapwidth=100)
    catalog.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    for phrase, places in phrases().items():
        entry = known.get(phrase) or _entry(phrase, language)
        entry.occurrences = [(place, "") for place in places]
        catalog.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(catalog), encoding="utf-8")
    path_of(language, "mo").write_bytes(compiled(catalog))
    return catalog


def compiled(catalog: polib.POFile) -> bytes:
    return bytes(catalog.to_binary())


def key_of(entry: polib.POEntry) -> Phrase:
    return Phrase(entry.msgid, entry.msgid_plural, entry.msgctxt or "")


def missing(catalog: polib.POFile) -> list[str]:
    return [entry.msgid for entry in catalog if not entry.translated() or entry.fuzzy]


def _entry(phrase: Phrase, language: str) -> polib.POEntry:
    form_count = int(PLURALS[language].partition("=")[2].partition(";")[0])
    return polib.POEntry(
        msgid=phrase.text,
        msgid_plural=phrase.plural,
        msgctxt=phrase.context or None,
        msgstr_plural=dict.fromkeys(range(form_count), "") if phrase.plural else {},
    )
