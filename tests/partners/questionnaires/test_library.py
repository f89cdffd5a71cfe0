"""The questionnaires that come with the portal."""

from __future__ import annotations

import json

from partners.questionnaires import content, library
from tests.shared_documents import DATA, needs_catalogues

SETS = {document["code"]: content.check(document) for document in library.documents()}


def test_the_three_ask_twelve_forty_and_ninety_questions_of_everybody():
    counts = {code: len(asked.visible({})) for code, asked in SETS.items()}

    assert counts == {"onboarding": 12, "standard": 40, "extended": 90}


def test_a_longer_one_asks_all_of_a_shorter_one_in_the_same_words():
    """So the answers to one come along to the next."""
    short, middle, long = (SETS[code] for code in ("onboarding", "standard", "extended"))
    for less, more in ((short, middle), (middle, long)):
        for key, question in less.by_key.items():
            assert more.by_key[key].text == question.text
            assert more.by_key[key].choices == question.choices


def test_every_question_names_a_control_and_every_essential_one_rules_out():
    for asked in SETS.values():
        assert all(question.control_refs for question in asked.questions)
    ruled_out = {
        question.key
        for question in SETS["onboarding"].questions
        if any(choice.knockout for choice in question.choices)
    }

    assert ruled_out == {"admin-mfa", "secret-storage", "transport", "deletion", "breach-notice"}


@needs_catalogues
def test_the_controls_exist():
    known = json.loads((DATA / "asvs-5.0.0.flat.json").read_text())["requirements"]
    ids = {f"ASVS-5.0:{one['req_id']}" for one in known}
    questions = [question for asked in SETS.values() for question in asked.questions]
    named = {ref for question in questions for ref in question.control_refs}

    assert {ref for ref in named if ref.startswith("ASVS")} <= ids
    others = {ref for ref in named if not ref.startswith("ASVS")}
    assert all(ref.startswith(("API-2023:API", "SSDF-1.1:")) for ref in others)
