from __future__ import annotations

import copy

import pytest
from django.utils import translation

from catalog.scopes.actions import learn_vocabulary
from catalog.scopes.models import DataCluster, Purpose
from catalog.scopes.vocabulary import VocabularyInvalid
from portal.access.actors import SYSTEM
from tests.catalog.scopes.test_actions import WORDS

pytestmark = pytest.mark.django_db
FRENCH = {"label": "Vos colis", "summary": "Ce qui est en route.", "permissions": ["Où il est"]}


def words(**translations: object) -> dict:
    part = copy.deepcopy(WORDS)
    part["clusters"][0]["translations"] = translations
    return part


def cluster() -> DataCluster:
    return DataCluster.objects.current().get(code="parcels")


def test_a_reader_gets_the_words_of_their_language():
    learn_vocabulary("parcels", words(fr=FRENCH), by=SYSTEM)

    with translation.override("fr"):
        told = cluster().spoken()

    assert (told["label"], told["permissions"], told.language) == ("Vos colis", ["Où il est"], "fr")


def test_what_is_not_translated_is_said_in_english_and_known_to_be():
    learn_vocabulary("parcels", words(fr=FRENCH), by=SYSTEM)

    with translation.override("ar"):
        assert (cluster().spoken()["label"], cluster().spoken().language) == ("Your parcels", "en")
        purpose = Purpose.objects.get().spoken()
        assert (purpose["title"], purpose.language) == ("Remind you", "en")


def test_a_new_translation_is_a_new_version_and_the_same_words_are_none():
    learn_vocabulary("parcels", WORDS, by=SYSTEM)
    learn_vocabulary("parcels", words(fr=FRENCH), by=SYSTEM)
    learn_vocabulary("parcels", words(fr=FRENCH), by=SYSTEM)

    assert cluster().version == 2
    assert DataCluster.objects.get(version=1).translations == {}


@pytest.mark.parametrize(
    "translations",
    [
        {"fr": {**FRENCH, "summary": ""}},
        {"fr": {**FRENCH, "permissions": []}},
        {"fr": {**FRENCH, "permissions": ["Où il est", "Et plus"]}},
        {"fr": {**FRENCH, "label": "x" * 61}},
        {"fr": "Vos colis"},
        {"French": FRENCH},
        ["fr"],
    ],
    ids=["no summary", "no permission", "one too many", "too long", "a text", "a name", "a list"],
)
def test_nobody_agrees_to_more_or_less_in_another_language(translations):
    part = copy.deepcopy(WORDS)
    part["clusters"][0]["translations"] = translations

    with pytest.raises(VocabularyInvalid, match="translations"):
        learn_vocabulary("parcels", part, by=SYSTEM)
