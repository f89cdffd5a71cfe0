from __future__ import annotations

import string

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from catalog.specs.parser import AUDIENCES
from catalog.specs.reading import read_description
from catalog.specs.template import (
    DEPTHS,
    MAX_THINGS,
    Beginning,
    TemplateInvalid,
    template,
    thing_of,
)
from portal.access.actors import Role
from tests.factories.people import staff, user_of

ISSUER = "https://portal.example"


def is_thing(text: str) -> bool:
    try:
        thing_of(text)
    except TemplateInvalid:
        return False
    return True


names = st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and text.isprintable())
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


@pytest.mark.parametrize("text", ["", "7s", "get-parcels", "parcel", "-", "é"])
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


def test_the_command_prints_a_description_that_passes(tmp_path, capsys):
    call_command(
        "new_spec", "Parcels", "--contact", "a@meridian.example", "--thing", "parcels", "--thing",
        "Sorting centres", "--audience", "partner", "--data", "personal",
    )  # fmt: skip

    (tmp_path / "parcels.yaml").write_text(capsys.readouterr().out)
    call_command("lint_spec", str(tmp_path / "parcels.yaml"), "--fail-on", "warning")
    assert "grade A, 100 of 100 points, 0 errors, 0 warnings, 0 hints" in capsys.readouterr().out


def test_the_command_says_what_is_no_name_of_a_thing():
    with pytest.raises(CommandError, match="plural"):
        call_command("new_spec", "Parcels", "--contact", "a@meridian.example", "--thing", "parcel")


FORM = {
    "name": "Parcels",
    "contact": "parcels@meridian.example",
    "things": "Parcels, sorting centres\n",
    "audience": "partner",
    "depth": "sensitive",
}


@pytest.fixture
def keeper() -> Browser:
    browser = Browser()
    browser.force_login(user_of(staff(Role.CATALOG)))
    return browser


@pytest.mark.django_db
def test_the_page_hands_out_a_description_that_passes(keeper):
    assert b"Start a new description" in keeper.get("/console/apis/new/").content

    answer = keeper.post("/console/apis/new/", FORM)

    assert answer["Content-Disposition"] == 'attachment; filename="parcels.v1.yaml"'
    description = read_description(answer.content, max_bytes=1_000_000)
    assert description.grading.findings == ()
    assert {one.path for one in description.api.operations} > {"/parcels", "/sorting-centres"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"name": ""}, id="no name"),
        pytest.param({"contact": "nobody"}, id="no address"),
        pytest.param({"things": ""}, id="nothing"),
        pytest.param({"things": "get parcels"}, id="a verb"),
        pytest.param({"things": "as, bs, cs, ds, es, fs, gs, hs, js"}, id="too many"),
        pytest.param({"depth": "deep"}, id="no such depth"),
    ],
)
def test_the_page_explains_what_cannot_be_meant(keeper, wrong):
    answer = keeper.post("/console/apis/new/", {**FORM, **wrong})

    assert answer.status_code == 422
    assert answer.context["form"].errors
