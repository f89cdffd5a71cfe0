from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.specs.reading import read_description
from catalog.specs.template import (
    AUDIENCES,
    DEPTHS,
    MAX_THINGS,
    Beginning,
    TemplateInvalid,
    template,
    thing_of,
)

ISSUER = "https://portal.example"


def is_thing(text: str) -> bool:
    try:
        thing_of(text)
    except TemplateInvalid:
        return False
    return True


names = st.text(min_size=1, max_size=60).filter(
    lambda text: (
        text.strip() and text.isprintable() and text.encode("utf-8", "ignore").decode() == text
    )
)
words = st.text(string.ascii_letters + string.digits + " -_", min_size=1, max_size=40)
things = words.map(lambda text: f"{text}s").filter(is_thing)
beginnings = st.builds(
    Beginning,
    name=names,
    contact=st.sampled_from(["team@meridian.example", "https://meridian.example/help"]),
    things=st.lists(things, min_size=1, max_size=MAX_THINGS),
    audience=st.sampled_from(AUDIENCES),
    depth=st.sampled_from(DEPTHS),
)


def read(beginning: Beginning):
    return read_description(template(beginning, issuer=ISSUER).encode(), max_bytes=1_000_000)


@given(beginnings)
def test_whatever_it_is_called_a_new_description_keeps_every_rule(beginning):
    description = read(beginning)

    assert description.grading.findings == ()
    assert (description.grading.letter, description.grading.points) == ("A", 100)


@pytest.mark.parametrize("depth", DEPTHS)
def test_what_it_reveals_is_as_deep_as_was_said(depth):
    api = read(Beginning("Parcels", "a@meridian.example", ["parcels"], "partner", depth)).api

    rows = [row for one in api.operations for row in one.fields if row.name == "title"]
    assert {row.revealed.depth for row in rows} == {DEPTHS.index(depth) + 1}
    is_personal = depth in {"personal", "sensitive"}
    assert {bool(row.revealed.cluster) for row in rows} == {is_personal}
    assert ("count-parcels" in {one.path for one in api.operations}) is False
    assert ("/parcels/counts" in {one.path for one in api.operations}) is is_personal


@pytest.mark.parametrize("text", ["", "7s", "get-parcels", "parcel", "emails", "-", "é"])
def test_what_is_no_name_of_a_thing_is_refused(text):
    with pytest.raises(TemplateInvalid):
        thing_of(text)


@pytest.mark.parametrize(
    ("text", "thing"), [("Lost Parcels", "lost-parcels"), (" tours_", "tours")]
)
def test_a_thing_is_written_as_addresses_are(text, thing):
    assert thing_of(text) == thing


def test_no_things_and_too_many_are_refused():
    for count in (0, MAX_THINGS + 1):
        many = [f"parcels-{'x' * n}s" for n in range(1, count + 1)]
        with pytest.raises(TemplateInvalid):
            template(Beginning("P", "a@meridian.example", many, "public", "public"), issuer=ISSUER)
