from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules.agreed import AgreedInvalid, read_agreed

TODAY = date(2027, 3, 31)
SOUND = """
rules:
  path-case: { level: off, reason: Known for years., until: 2027-03-31 }
  problem-json: { level: hint, reason: Version 2 changes it., until: 2027-12-31 }
"""


def read(text: str):
    return read_agreed(text.encode(), today=TODAY)


def test_what_was_agreed_to_counts_to_the_end_of_its_last_day():
    agreed = read(SOUND)

    assert agreed.level_of("path-case") == "off"
    assert agreed.level_of("problem-json") == "info"
    assert agreed.level_of("path-verb") == "warning"
    assert agreed.notes == ()


def test_what_is_over_and_what_is_no_rule_is_a_note():
    agreed = read(SOUND.replace("2027-03-31", "2027-03-30").replace("problem-json", "problems"))

    assert agreed.level_of("path-case") == "warning"
    assert [note.split()[0] for note in agreed.notes] == ["path-case", "There"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[", id="no yaml"),
        pytest.param("path-case: off", id="no rules at its top"),
        pytest.param("rules: {path-case: off}", id="no words"),
        pytest.param(SOUND.replace("off", "never"), id="no such level"),
        pytest.param(SOUND.replace("Known for years.", "''"), id="no reason"),
        pytest.param(SOUND.replace(", until: 2027-03-31", ""), id="no end"),
        pytest.param(SOUND.replace("path-case", "data-open"), id="a fixed rule"),
        pytest.param("x" * 200_001, id="too large"),
    ],
)
def test_what_cannot_be_meant_is_refused(text):
    with pytest.raises(AgreedInvalid):
        read(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    try:
        read_agreed(raw, today=TODAY)
    except AgreedInvalid:
        return
