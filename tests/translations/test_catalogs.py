"""Nothing that customers read is left in one language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.translations.catalogs import PLURALS, compiled, key_of, missing, path_of, read
from tests.translations.sources import ROOT, phrases

TEMPLATES = ROOT / "templates"
_STAFF_AND_PARTNERS = ("console.html", "console_request.html", "task.html", "tasks.html")
# What customers see. The log of a client's requests is for its developers.
SPOKEN = [
    *(TEMPLATES / "consent/arrangements").glob("*.html"),
    *(set((TEMPLATES / "consent/oauth").glob("*.html")) - {TEMPLATES / "consent/oauth/log.html"}),
    *(TEMPLATES / "consent/guardians").glob("*.html"),
    *(TEMPLATES / "consent/notices").glob("*.html"),
    *(TEMPLATES / "consent/receipts").glob("*.html"),
    *(TEMPLATES / "consent/reminders").glob("*.html"),
    *(
        path
        for path in (TEMPLATES / "consent/rights").glob("*.html")
        if path.name not in _STAFF_AND_PARTNERS
    ),
    *(TEMPLATES / "mail").glob("*.*"),
    *(TEMPLATES / "mail/arrangements").glob("*.*"),
    *(TEMPLATES / "mail/guardians").glob("*.*"),
    *(TEMPLATES / "mail/rights").glob("*.*"),
    *(TEMPLATES / "mail/reminders").glob("*.*"),
    *(TEMPLATES / "mail/accounts").glob("*.*"),
    *(TEMPLATES / "account").glob("password_reset*.html"),
    *(TEMPLATES / name for name in (
        "customer.html", "error.html", "refused.html", "404.html", "403_csrf.html", "500.html",
        "account/login.html", "account/logout.html", "account/reauthenticate.html",
        "account/base_reauthenticate.html", "account/confirm_email_verification_code.html",
        "allauth/layouts/entrance.html", "mfa/authenticate.html", "mfa/reauthenticate.html",
        "mfa/webauthn/reauthenticate.html", "portal/home/help.html",
        "components/language.html", "components/notices.html", "components/error_summary.html",
        "components/pagination.html", "components/theme.html", "components/sign_out.html",
    )),
]  # fmt: skip
_MARKED = re.compile(
    r"\{% blocktranslate.*?\{% endblocktranslate %\}|\{% block shell %\}\w+|\{#.*?#\}"
    r"|<script.*?</script>|<style.*?</style>",
    re.DOTALL,
)
_LOGIC = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ARGUMENT = re.compile(r"(_\()?\"([^\"]*)\"")
_PHRASE = re.compile(r"[A-Z][a-z]|.*[a-z] [a-z]")
_SAID_ALOUD = re.compile(r"(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"")
_WORD = re.compile(r"[A-Za-z]{2,}")
# Names, and an example of a code, which are the same in every language; and what mails begin with.
NAMES = {"Meridian", "Subject", "SHA", "PDF", "JSON", "Konstitucijos pr", "Vilnius"}


def left_in_english(html: str) -> list[str]:
    """Return the words of a template that no translation reaches."""
    plain = _MARKED.sub("", html)
    arguments = [
        text
        for tag in re.findall(r"\{% (?:include|badge|ruler_one).*?%\}", plain)
        for marked, text in _ARGUMENT.findall(tag)
        if not marked and _PHRASE.match(text)
    ]
    shown = _LOGIC.sub("", plain)
    spoken = " ".join([re.sub(r"<[^>]*>", " ", shown), *_SAID_ALOUD.findall(shown)])
    for name in NAMES:
        spoken = spoken.replace(name, "")
    return arguments + _WORD.findall(spoken)


@pytest.mark.parametrize(
    "path", sorted(SPOKEN), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
def test_no_word_of_a_customers_page_stands_outside_a_translation(path: Path):
    assert left_in_english(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "html",
    ["<p>Stop</p>", '<a aria-label="Stop it">', '{% badge "Needed" %}', "{{ a }} stops"],
    ids=["text", "label", "argument", "rest"],
)
def test_the_search_finds_words_outside_a_translation(html):
    assert left_in_english(html) != []


@pytest.mark.parametrize("language", PLURALS)
def test_every_phrase_is_translated_and_no_other_is_kept(language):
    catalog = read(language)

    assert missing(catalog) == [], "Translate these, then run `make words`."
    assert {key_of(entry) for entry in catalog} == set(phrases()), "Run `make words`."


@pytest.mark.parametrize("language", PLURALS)
def test_what_is_installed_is_what_was_translated(language):
    assert path_of(language, "mo").read_bytes() == compiled(read(language)), "Run `make words`."


@pytest.mark.parametrize("language", PLURALS)
def test_a_translation_names_what_the_phrase_names(language):
    for entry in read(language):
        named = set(re.findall(r"%\((\w+)\)[sd]", entry.msgid + entry.msgid_plural))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            told = set(re.findall(r"%\((\w+)\)[sd]", text))
            # “One day” needs no figure.
            missed = named - told - ({"count", "counter", "days"} if entry.msgid_plural else set())
            assert not text or (told <= named and not missed), entry.msgid
            assert text.count("<a ") == entry.msgid.count("<a ") or not text, entry.msgid
