"""Other people's catalogues: small ones of our own, and theirs where they are at hand."""

from __future__ import annotations

import json

import pytest

from partners.drafts.reading import asvs, loose, oscal, vsaq
from partners.drafts.reading.keys import NotReadable
from partners.drafts.reading.plain import words_of
from partners.questionnaires import content
from tests.shared_documents import DATA, needs_catalogues

ASVS = {
    "requirements": [
        {
            "chapter_id": "V1",
            "chapter_name": "Doors",
            "req_id": f"V1.1.{level}",
            "req_description": f"Door {level} is shut.",
            "L": str(level),
        }
        for level in (1, 2, 3)
    ]
}
PROSE = "By {{ insert: param, d-1_p }}."
OSCAL = {
    "catalog": {
        "metadata": {"title": "Doors", "version": "2"},
        "groups": [
            {
                "id": "g1",
                "title": "Front",
                "groups": [
                    {
                        "id": "g1.1",
                        "title": "Inner",
                        "controls": [
                            {
                                "id": "d-1",
                                "title": "Shut",
                                "params": [{"id": "d-1_p", "label": "an hour"}],
                                "parts": [
                                    {
                                        "name": "statement",
                                        "prose": PROSE,
                                    },
                                    {"name": "guidance", "prose": "Not asked."},
                                ],
                                "controls": [{"id": "d-1.1", "title": "Locked"}],
                            },
                            {
                                "id": "d-2",
                                "title": "Gone",
                                "props": [{"name": "status", "value": "withdrawn"}],
                            },
                        ],
                    }
                ],
            }
        ],
    }
}
VSAQ = b"""// A licence of somebody
{
  "questionnaire": [
    {"type": "block", "text": "All", "items": [
      {"type": "block", "text": "Doors", "id": "doors", "items": [
        {"type": "radiogroup", "id": "shut",
         "text": "Is it <b onclick=x()>shut</b>" + " at night?<script>x()</script>",
         "choices": [{"shut_yes": "Yes"}, {"shut_no": "No"}]},
        {"type": "checkgroup", "id": "locks", "text": "Which locks?", "cond": "shut_yes",
         "choices": [{"lock_a": "A"}, {"lock_b": "B"}]}, // a comment
        {"type": "line", "id": "who", "text": "Who has https://keys.example?",
         "cond": "lock_a || lock_b && !shut_no"},
        {"type": "box", "id": "why", "text": "Why?", "cond": "later_yes"},
        {"type": "box", "id": "how", "text": "How?", "cond": "contains(who)"},
        {"type": "tip", "warn": true, "severity": "critical", "name": "Open",
         "cond": "shut_no", "text": "."},
        {"type": "yesno", "id": "later", "text": "Later?", "yes": "Yes", "no": "No",},
      ]},
    ]},
  ],
}
"""


def asked(document):
    """Return the questions by key, once the document holds as a questionnaire."""
    return content.check(document).by_key


def test_asvs_asks_up_to_a_level_and_says_whose_words_they_are():
    document = asvs.read(ASVS, level=2)

    assert [q.control_refs for q in asked(document).values()] == [
        ("ASVS-5.0:V1.1.1",),
        ("ASVS-5.0:V1.1.2",),
    ]
    assert document["licence"] == "CC BY-SA 4.0"


def test_oscal_asks_for_each_control_that_is_not_withdrawn():
    by_key = asked(oscal.read(OSCAL))

    assert list(by_key) == ["d-1", "d-1-1"]
    assert by_key["d-1"].hint == "By [an hour]."


def test_vsaq_is_read_loosely_without_markup_and_with_its_conditions():
    result = vsaq.read(loose.loads(VSAQ), code="doors", title="Doors")
    by_key = asked(result.document)
    conditions = {
        q["key"]: q.get("visible_if")
        for section in result.document["sections"]
        for q in section["questions"]
    }

    assert list(by_key) == ["shut", "locks", "who", "why", "how", "later"]
    assert by_key["shut"].text == "Is it shut at night?"
    assert by_key["who"].text == "Who has https://keys.example?"
    assert conditions["locks"] == {"eq": ["shut", "shut-yes"]}
    # From left to right, as that program reads it: (a or b) and not no.
    assert conditions["who"] == {
        "all": [
            {"any": [{"contains": ["locks", "lock-a"]}, {"contains": ["locks", "lock-b"]}]},
            {"not": {"eq": ["shut", "shut-no"]}},
        ]
    }
    assert conditions["why"] is None
    assert conditions["how"] is None
    assert len(result.notes) == 3
    assert any("critical: Open (shut_no)" in note for note in result.notes)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"\xff", b'{"questionnaire": 1}', b'{"questionnaire": []}', b"[" * 9000],
    ids=["empty", "list", "open", "bytes", "number", "nothing", "deep"],
)
def test_what_is_none_of_them_is_refused(body):
    for read in (asvs.read, oscal.read, lambda raw: vsaq.read(raw, code="x", title="X")):
        with pytest.raises(NotReadable):
            read(loose.loads(body))


def test_endless_nesting_is_refused():
    blocks: dict = {"type": "line", "id": "a", "text": "A"}
    groups: dict = {"id": "g", "title": "G", "controls": []}
    for _ in range(50):
        blocks = {"type": "block", "items": [blocks]}
        groups = {"id": "g", "title": "G", "groups": [groups]}

    with pytest.raises(NotReadable):
        vsaq.read({"questionnaire": [blocks]}, code="x", title="X")
    with pytest.raises(NotReadable):
        oscal.read({"catalog": {"groups": [groups]}})


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>One</p><ul><li>Two</li></ul>", "One\n- Two"),
        ("<script>alert(1)</script>Three", "Three"),
        ("<img src=x onerror=alert(1)>&lt;b&gt;", "<b>"),
        ("a" * 5000, "a" * 3999 + "…"),
    ],
    ids=["list", "script", "attribute", "long"],
)
def test_of_markup_only_the_words_are_left(markup, words):
    assert words_of(markup) == words


@needs_catalogues
def test_the_published_documents_become_drafts():
    level_1 = asvs.read(json.loads((DATA / "asvs-5.0.0.flat.json").read_text()), level=1)
    assert len(asked(level_1)) == 70
    for name, count in (("oscal-basic-catalog", 4), ("oscal-800-53r5-low", 149)):
        assert len(asked(oscal.read(json.loads((DATA / f"{name}.json").read_text())))) == count
    counts = {}
    for path in sorted((DATA / "vsaq").glob("*.json")):
        if "extension" not in path.name:
            result = vsaq.read(loose.loads(path.read_bytes()), code="vsaq", title=path.stem)
            counts[path.stem] = len(asked(result.document))
    assert counts == {
        "infrastructure": 96,
        "physical_and_datacenter": 30,
        "security_privacy_programs": 46,
        "test_template": 3,
        "webapp": 73,
    }
