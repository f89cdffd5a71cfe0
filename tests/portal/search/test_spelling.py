from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.spelling import distance, nearest, spellings

WORDS = st.text(string.ascii_lowercase, min_size=4, max_size=14)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("parcel", "parcel", 0),
        ("parcel", "pacel", 1),
        ("parcel", "parcell", 1),
        ("parcel", "parzel", 1),
        ("parcel", "pracel", 1),
        ("parcel", "prcl", 2),
        ("ab", "ba", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_words_are_so_far_apart(one, other, apart):
    assert distance(one, other) == distance(other, one) == apart


@given(word=WORDS, place=st.integers(0, 13), letter=st.sampled_from(string.ascii_lowercase))
@pytest.mark.parametrize("slip", ["another", "missing", "more", "swapped"])
def test_one_slip_leaves_a_spelling_in_common(word, place, letter, slip):
    place %= len(word)
    typed = {
        "another": word[:place] + letter + word[place + 1 :],
        "missing": word[:place] + word[place + 1 :],
        "more": word[:place] + letter + word[place:],
        "swapped": word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    }[slip]

    assert distance(word, typed) <= 1
    assert set(spellings(word)) & set(spellings(typed))


def test_the_nearest_stands_first_and_the_far_is_left_out():
    words = ["prescription", "description", "subscription", "presumption"]

    assert nearest("perscription", words) == ["prescription"]
    assert nearest("perscr", words) == ["prescription"]
    assert nearest("cat", ["car", "cat"]) == ["cat"]


@given(WORDS)
def test_a_word_is_kept_under_few_spellings(word):
    assert len(spellings(word)) <= 29
    assert all(len(spelling) <= 7 for spelling in spellings(word))
