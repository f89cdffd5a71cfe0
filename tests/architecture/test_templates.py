"""What every template keeps to, so that the content security policy and the design hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.ui.icons import ICONS

FOLDER = Path(__file__).resolve().parents[2] / "templates"
# A mail reader loads no style sheet, so mails carry their style with them.
PAGES = sorted(path for path in FOLDER.rglob("*.html") if FOLDER / "mail" not in path.parents)
COMPONENTS = sorted((FOLDER / "components").glob("*.html"))
LOGIC = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*=|<style", re.IGNORECASE),
    # A block of JSON is data: no policy lets it run and none has to.
    "an inline script": re.compile(
        r"<script(?![^>]*\ssrc=)(?![^>]*application/json)|javascript:", re.IGNORECASE
    ),
    "an inline handler": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "a link to nowhere": re.compile(r'href=(["\'])#?\1'),
    "something from another origin": re.compile(
        r"<(script|link|img|source|iframe|video|audio|use|image)\b[^>]*(src|href)=[\"']?(https?:)?//",
        re.IGNORECASE,
    ),
}


def name_of(path):
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_template_never_holds(path, what):
    html = LOGIC.sub("x", path.read_text(encoding="utf-8"))

    assert not FORBIDDEN[what].search(html), f"{name_of(path)} holds {what}"


@pytest.mark.parametrize("path", COMPONENTS, ids=name_of)
def test_a_component_lists_its_parameters_on_its_first_line(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]

    assert re.fullmatch(rf"\{{# components/{path.name}: .+ #\}}", first)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_component_is_given_only_what_it_asks_for(path):
    includes = re.findall(r'\{% include "components/[^%]*%\}', path.read_text(encoding="utf-8"))

    assert [include for include in includes if not include.endswith(" only %}")] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_an_icon_that_a_template_names_is_drawn(path):
    source = path.read_text(encoding="utf-8")
    named = re.findall(r'\{% icon "([^"]+)"', source) + re.findall(
        r'icon(?:_name)?="([^"]+)"', source
    )

    assert set(named) <= ICONS.keys()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_part_or_a_page_or_a_component_is_what_its_place_says(path):
    source = path.read_text(encoding="utf-8")
    is_page = "{% extends " in source
    is_component = path in COMPONENTS
    is_part = path.name.startswith("_")

    assert not (is_page and (is_part or is_component))


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ('<p style="color: red">', "an inline style"),
        ("<script>alert(1)</script>", "an inline script"),
        ('<button onclick="go()">', "an inline handler"),
        ('<button hx-on:click="go()">', "an inline handler"),
        ('<a href="#">', "a link to nowhere"),
        ('<img alt="" src="https://elsewhere.example/a.png">', "something from another origin"),
        ('<script src="//elsewhere.example/a.js"></script>', "something from another origin"),
    ],
)
def test_the_search_finds_what_it_looks_for(html, what):
    assert FORBIDDEN[what].search(html)


def test_the_style_sheet_names_every_component_file_once():
    folder = FOLDER.parent / "static/css"
    portal = (folder / "portal.css").read_text(encoding="utf-8")
    imported = re.findall(r'@import url\("([^"]+)"\);', portal)
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*.css")}

    assert sorted(imported) == sorted(written - {"portal.css"})
